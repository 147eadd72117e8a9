package roster

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Link is what a person decided about a member and an external id. If Apart, rows with the id aren't the member's.
// Otherwise they are, whatever else they say. Ids that differ in letter case only are the same id.
type Link struct {
	Member   uuid.UUID
	External uint64 // Key of the external id
	Folded   uint64 // Key of the folded external id
	Kind     uint64 // Key of the id's kind; 0: any kind
	Apart    bool
	Former   bool   // nobody decided about this id: the member had it before a linked one
	Request  string // id of the request, which differs for each decision
}

// LinksDigest returns a digest of what people decided, in any order. It is "" if there are no decisions. Former ids follow
// from the decisions and the syncs after them, so they don't count.
func LinksDigest(links []Link) string {
	var lines []string
	for _, l := range links {
		if !l.Former {
			lines = append(lines, fmt.Sprintf("%s %d %d %t %s", l.Member, l.External, l.Kind, l.Apart, l.Request))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	slices.Sort(lines)
	digest := HashBytes([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(digest[:])
}
