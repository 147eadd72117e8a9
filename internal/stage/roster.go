package stage

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/wire"
)

// RosterChunk is a part of a roster. The first chunk holds the groups and words. Users follow, then absent and kept members,
// then the listings of groups.
type RosterChunk struct {
	Groups *RosterGroups
	Words  []roster.WordCount // in the status and locale columns, as roster.SortWords sorts them
	Users  []roster.User
	Absent []uuid.UUID // members whom no row makes present
	Left   []uuid.UUID // of Absent: members whose row says that they have left
	// OutOfScope are those of Absent whose row the tenant's scope leaves out.
	OutOfScope []uuid.UUID

	Released []uuid.UUID // members who lose their email to somebody else: of Absent, or in the first chunk those who stay
	Kept     []uuid.UUID // members whose row was not used
	Listings []Listing
}

// RosterGroups are the groups of a roster.
type RosterGroups struct {
	Units   []roster.SourceGroup `json:"units,omitempty"`
	Present []string             `json:"present,omitempty"` // keys of rejected groups of the directory
	ByRow   bool                 `json:"by_row"`            // rows name their groups; else groups list their members

	// OtherRules says that members know their rows by other rules, or by other groups.
	OtherRules bool `json:"other_rules,omitempty"`
}

// Listing is a group with its members in the directory.
type Listing struct {
	Group   string // its key
	Members []uuid.UUID
}

// Validated is the result of judging a snapshot.
type Validated struct {
	Snapshot  run.SnapshotCounts `json:"snapshot"`
	Rows      run.RowCounts      `json:"rows"`
	Issues    int                `json:"issues"` // number of stored issues
	Absent    int                `json:"absent"`
	Unchanged bool               `json:"unchanged"` // the roster was applied before, and nothing else is due

	Same uuid.UUID `json:"same,omitzero"` // the run that judged the same snapshot; Nil: this run
}

// RosterSummary seals ledger.StageRoster.
type RosterSummary struct {
	Validated
	Renamed map[string]uuid.UUID `json:"renamed,omitempty"` // renamed groups, by their new keys
	// Plain says that there are no issues but absent columns, which Columns holds. Then any order of rows gives the
	// same verdict.
	Plain   bool           `json:"plain,omitempty"`
	Columns []roster.Issue `json:"columns,omitempty"`
	Active  int            `json:"active,omitempty"` // active members before anything is applied
}

// The fields of a chunk of the roster.
const (
	rosterGroups     = 1 // JSON
	rosterUsers      = 2
	rosterAbsent     = 3
	rosterKept       = 4
	rosterListings   = 5
	rosterLeft       = 6
	rosterWords      = 7 // JSON
	rosterReleased   = 8
	rosterOutOfScope = 9
)

// The fields of a listing.
const (
	listingGroup   = 1
	listingMembers = 2
)

// Pack implements wire.Packed.
func (c *RosterChunk) Pack(w *wire.Writer) {
	if c.Groups != nil {
		w.JSONField(rosterGroups, c.Groups)
	}
	if len(c.Words) > 0 {
		w.JSONField(rosterWords, c.Words)
	}
	roster.PackUsers(w, rosterUsers, c.Users)
	w.IDsField(rosterAbsent, c.Absent)
	w.IDsField(rosterKept, c.Kept)
	w.IDsField(rosterLeft, c.Left)
	w.IDsField(rosterOutOfScope, c.OutOfScope)
	w.IDsField(rosterReleased, c.Released)
	if len(c.Listings) > 0 {
		w.ListField(rosterListings, len(c.Listings))
		for _, l := range c.Listings {
			w.Item()
			w.TextField(listingGroup, l.Group)
			w.IDsField(listingMembers, l.Members)
			w.End()
		}
		w.End()
	}
	w.End()
}

// Unpack implements wire.Unpacked. It replaces the content and reuses the memory of Users.
func (c *RosterChunk) Unpack(r *wire.Reader) {
	*c = RosterChunk{Users: c.Users[:0]}
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case rosterGroups:
			c.Groups = new(RosterGroups)
			r.JSON(c.Groups)
		case rosterWords:
			r.JSON(&c.Words)
		case rosterUsers:
			c.Users = roster.UnpackUsers(r, c.Users)
		case rosterAbsent:
			c.Absent = r.IDList()
		case rosterKept:
			c.Kept = r.IDList()
		case rosterLeft:
			c.Left = r.IDList()
		case rosterOutOfScope:
			c.OutOfScope = r.IDList()
		case rosterReleased:
			c.Released = r.IDList()
		case rosterListings:
			c.Listings = make([]Listing, 0, r.List())
			for r.Item() {
				c.Listings = append(c.Listings, unpackListing(r))
			}
		default:
			r.Skip()
		}
	}
}

func unpackListing(r *wire.Reader) (l Listing) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case listingGroup:
			l.Group = r.Text()
		case listingMembers:
			l.Members = r.IDList()
		default:
			r.Skip()
		}
	}
	return l
}
