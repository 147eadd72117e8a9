// Command floor does what a sync does, at the lowest cost: the same job on the same tables with the same durability,
// written straight down, without anything to orchestrate, resume, explain or hold. Rollcall is compared with it.
//
// It reads the body in blocks and cuts them into rows without decoding. It hashes each row's bytes and looks the hash
// up among those of the rows that the members were last made from. A row found is done. All others are decoded and go,
// in batches, to the lanes: a lane is a connection with one transaction, which looks up the members of a batch and
// writes them and their audit set-based. In the end the members depart whose hash wasn't seen.
//
// It trusts what it reads: it knows the columns beforehand, applies only the rules that change what is written, and
// matches members by nothing but the external id.
//
// It prints the seconds that the sync took, without the start of the process.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"
)

// job is one sync.
type job struct {
	users, groups string // the reports' URLs
	pages         pages  // read instead, where it has a URL
	database      string // postgres://... or sqlite:///path, with Rollcall's tables in it
	tenant        string
}

func main() {
	var j job
	flag.StringVar(&j.users, "users", "", "URL of the report of users")
	flag.StringVar(&j.groups, "groups", "", "URL of the report of groups")
	flag.StringVar(&j.pages.url, "pages", "", "URL of WorkOS, to read its pages instead of reports")
	flag.StringVar(&j.pages.directory, "directory", "", "id of WorkOS's directory")
	flag.StringVar(&j.pages.key, "key", "", "key of WorkOS's API")
	flag.StringVar(&j.database, "database", "", "URL of a database with Rollcall's tables")
	flag.StringVar(&j.tenant, "tenant", "", "id of the tenant")
	flag.Parse()
	began := time.Now()
	if _, err := j.sync(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
	fmt.Println(time.Since(began).Seconds())
}
