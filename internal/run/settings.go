package run

import (
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/roster"
)

// Settings are a tenant's rules and tunables. A round reads them once, when it begins.
type Settings struct {
	roster.Mappings

	Limits  guard.Limits  `json:"limits"`
	Grace   time.Duration `json:"grace"`   // how long a departed member is kept before deletion; 0: not at all
	Hold    time.Duration `json:"hold"`    // how long a held plan waits for a decision
	Stall   time.Duration `json:"stall"`   // how long a step may fail without progress before it gives up
	Compare time.Duration `json:"compare"` // time between full compares
	Shared  bool          `json:"shared"`  // users and groups are read under one rate limit

	Protected []roster.Protected `json:"protected,omitempty"` // people whom no round removes
	Sentinels []roster.PersonRef `json:"sentinels,omitempty"` // people who must be in every snapshot
	Zone      string             `json:"zone,omitempty"`      // IANA name, for the days in Protected; "": UTC
	People    string             `json:"people,omitempty"`    // digest of those in force; written by Begin
	Links     string             `json:"links,omitempty"`     // roster.LinksDigest when the round began; written by Begin

	// GroupColumns are the group report's columns that a preview tries. Nil means the tenant's own.
	GroupColumns []string `json:"group_columns,omitzero"`

	Maintenance []maintenance.Window `json:"maintenance,omitempty"` // times in which failures neither alert nor count
}

// Protection returns the protections in force when the round begins. The error says that Zone isn't a time zone.
func (s Settings) Protection(round Round) (*roster.Protection, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("the tenant's time zone: %w", err)
	}
	return roster.NewProtection(s.Protected, round.Started.In(zone).Format(time.DateOnly)), nil
}

// PeopleDigest returns a digest of the people who are protected in a round and of the sentinels. It is "" if there are
// none.
func (s Settings) PeopleDigest(round Round) (string, error) {
	protection, err := s.Protection(round)
	if err != nil {
		return "", err
	}
	return roster.PeopleDigest(protection, s.Sentinels), nil
}
