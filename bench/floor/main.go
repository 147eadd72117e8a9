// Command floor is the baseline of the bench: a sync at the lowest cost. It does the same job on the same tables with
// the same durability as Rollcall, but it can't be resumed or held and explains nothing.
//
// It reads the body in blocks and splits them into rows without decoding. It looks up the hash of each row among the
// hashes of the members' last rows. A known row needs no more work. All other rows are decoded and passed in batches to
// lanes. A lane is a connection with one transaction. It looks up the members of a batch and writes them and their
// audit with few statements. At the end, members whose hash wasn't seen depart.
//
// It trusts its input: it knows the columns, applies only the rules that change the written values, and matches members
// only by external id.
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
