package run

import (
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/roster"
)

// Settings are a tenant's rules and tunables. A round reads them once and keeps to them.
type Settings struct {
	Fields  roster.FieldMap `json:"fields"`
	Levels  roster.Levels   `json:"levels"`
	Limits  guard.Limits    `json:"limits"`
	Grace   time.Duration   `json:"grace"`   // how long somebody departed is kept; 0: not at all
	Hold    time.Duration   `json:"hold"`    // how long removals that are held wait for a person
	Stall   time.Duration   `json:"stall"`   // how long failures may go on without progress
	Compare time.Duration   `json:"compare"` // how long until every row is compared again
	Shared  bool            `json:"shared"`  // users and groups are read under one rate limit

	Protected []roster.Protected `json:"protected,omitempty"` // whom no round removes
	Sentinels []roster.PersonRef `json:"sentinels,omitempty"` // who must be in every snapshot
	Zone      string             `json:"zone,omitempty"`      // IANA name, for the days in Protected; "": UTC
	People    string             `json:"people,omitempty"`    // digest of who of them counts in this round; Begin writes it

	// GroupColumns are the group report's columns that a preview tries; nil: the tenant's own.
	GroupColumns []string `json:"group_columns,omitzero"`

	Maintenance []maintenance.Window `json:"maintenance,omitempty"` // in which failures neither alarm nor count
}

// Protection is what is in force of the tenant's list when a round begins.
func (s Settings) Protection(round Round) (*roster.Protection, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("the tenant's time zone: %w", err)
	}
	return roster.NewProtection(s.Protected, round.Started.In(zone).Format(time.DateOnly)), nil
}

// people is a digest of who is protected in a round, and who is a sentinel; "" for nobody.
func (s Settings) PeopleDigest(round Round) (string, error) {
	protection, err := s.Protection(round)
	if err != nil {
		return "", err
	}
	return roster.PeopleDigest(protection, s.Sentinels), nil
}
