package roster

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Link is what a person decided about a member and an external id. If Apart, rows with the id aren't the member's.
// Otherwise they are, whatever else they say.
type Link struct {
	Member   uuid.UUID
	External uint64 // Key of the external id
	Kind     uint64 // Key of the id's kind; 0: any kind
	Apart    bool
	Request  string // id of the request, which differs for each decision
}

// LinksDigest returns a digest of links in any order. It is "" if there are none.
func LinksDigest(links []Link) string {
	if len(links) == 0 {
		return ""
	}
	var lines []string
	for _, l := range links {
		lines = append(lines, fmt.Sprintf("%s %d %d %t %s", l.Member, l.External, l.Kind, l.Apart, l.Request))
	}
	slices.Sort(lines)
	digest := HashBytes([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(digest[:])
}
