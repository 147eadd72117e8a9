package story

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/mask"
	"github.com/rollcall/rollcall/internal/names"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/person"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// Store has the data of stories. Collect returns the first error of its methods.
type Store interface {
	person.Store
	stage.RunStore
	request.Store
	names.GroupStore
	settings.Store
	// Runs returns the latest runs of a tenant, at most limit of them, latest first.
	Runs(ctx context.Context, tenant string, limit int) ([]run.Run, error)
	// DroppedAt returns when the retention dropped the rows and plan of a run. The time is zero if they still exist.
	DroppedAt(ctx context.Context, run uuid.UUID) (time.Time, error)
}

// Question names the person to explain.
type Question struct {
	Tenant string
	Person string // an email, also an earlier one, an external id or a member id
	Reveal bool   // show values unmasked
	Runs   int    // how many of the latest runs to search
}

// Collect returns the story of one person. It returns an error if the members, the audit and the latest runs have no
// trace of the person.
func Collect(ctx context.Context, s Store, q Question) (Story, error) {
	found, err := person.Find(ctx, s, q.Tenant, q.Person)
	if err != nil {
		return Story{}, err
	}
	runs, err := s.Runs(ctx, q.Tenant, q.Runs)
	if err != nil {
		return Story{}, fmt.Errorf("runs of %s: %w", q.Tenant, err)
	}
	slices.Reverse(runs)
	groups, err := names.Groups(ctx, s, q.Tenant)
	if err != nil {
		return Story{}, err
	}
	now, _, err := settings.Load(ctx, s, q.Tenant) // a dropped tenant has none
	if err != nil {
		return Story{}, err
	}
	t := tracer{store: s, person: found, groups: groups, masker: masker{reveal: q.Reveal}}
	story := Story{
		Tenant: q.Tenant, Person: q.Person, Revealed: q.Reveal, Members: t.members(now.Custom), Runs: []Run{},
		Mentions: t.mentions(now),
	}
	known := len(story.Members) > 0
	for _, r := range runs {
		traced, err := t.run(ctx, r)
		if err != nil {
			return Story{}, fmt.Errorf("run %s: %w", r.ID, err)
		}
		known = known || !traced.quiet()
		story.Runs = append(story.Runs, traced)
	}
	if !known {
		return Story{}, fmt.Errorf("no match in the members, the audit and the last %s of %s",
			terminal.Count(len(runs), "run", "runs"), q.Tenant)
	}
	story.Before = t.before(runs)
	return story, nil
}

// tracer searches the runs of a tenant for one person.
type tracer struct {
	store  Store
	person *person.Person
	groups map[uuid.UUID]string // names
	masker
}

// members returns the members who match, with the custom fields that the tenant's settings name.
func (t tracer) members(custom roster.CustomFields) []Member {
	members := []Member{}
	for _, match := range t.person.Members {
		m := Member{ID: match.ID, Status: deleted, Fields: map[string]string{}}
		if now := match.Now; now != nil {
			m.Status, m.ExternalKind = now.Values[roster.Status], nullable.Of(now.ExternalKind)
			m.CreatedAt, m.UpdatedAt = nullable.Time(now.CreatedAt), nullable.Time(now.UpdatedAt)
			m.DepartedAt = nullable.Time(now.DepartedAt)
			for f := range roster.Field(roster.ValueCount) {
				if f == roster.Custom {
					for v := range roster.Customs(custom.Select(now.Values[f])) {
						m.Fields[roster.CustomPrefix+v.Name] = t.value(f, v.Text)
					}
					continue
				}
				if value := now.Values[f]; value != "" {
					m.Fields[f.String()] = t.value(f, value)
				}
			}
			if now.ExternalID != "" {
				m.Fields[roster.ExternalID.String()] = t.value(roster.ExternalID, now.ExternalID)
			}
		}
		members = append(members, m)
	}
	return members
}

// mentions returns the entries of the tenant's settings that name the person.
func (t tracer) mentions(now tenant.Tenant) []Mention {
	mentions := []Mention{}
	for _, m := range t.person.Mentions(now) {
		if !t.reveal {
			m.Reason = "" // free text may contain personal data
		}
		mentions = append(mentions, Mention{Entry: m.Key, Until: nullable.Of(m.Until), Reason: nullable.Of(m.Reason)})
	}
	return mentions
}

// masker masks values unless reveal is set.
type masker struct{ reveal bool }

func (m masker) value(f roster.Field, value string) string {
	if m.reveal {
		return value
	}
	return mask.Value(f, value)
}

// fields returns the fields of a change with masked values.
func (m masker) fields(fields map[string][2]any) map[string][2]any {
	shown := make(map[string][2]any, len(fields))
	for name, pair := range fields {
		field, known := roster.ParseFieldName(name)
		if name == plan.LinkedID {
			field, known = roster.ExternalID, true
		}
		for i, value := range pair {
			if text, ok := value.(string); ok && known {
				pair[i] = m.value(field, text)
			}
		}
		shown[name] = pair
	}
	return shown
}
