// Package person finds a person by an email, an external id or a member id, and collects all emails and ids that the
// person has or had.
//
// One text may match several members: an email can pass to another person, and a rehire after the grace time is a new
// member. The audit has the former emails and ids of members. It has no values of deleted members, so a deleted member
// is found only by the member id.
package person

import (
	"context"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/tenant"
)

// Store has the members of a tenant and the audit of their changes.
type Store interface {
	// FindMembers returns the members who now have the email or the external id. An empty text matches nobody.
	FindMembers(ctx context.Context, tenant, email, external string) ([]roster.Member, error)
	// FindPastMembers returns the ids of the members who have the email or the external id in the audit.
	FindPastMembers(ctx context.Context, tenant, email, external string) ([]uuid.UUID, error)
	// MembersByID returns the members with these ids. Deleted members are missing.
	MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error)
	// MemberChanges iterates over the audit of one member, oldest first.
	MemberChanges(ctx context.Context, tenant string, member uuid.UUID) iter.Seq2[ledger.AuditRow, error]
}

// Person is the person found: any number of members, and all their emails and external ids.
type Person struct {
	Members []Member // sorted by id
	emails  map[string]bool
	ids     map[string]bool // external ids
}

// Member is one member who matches, with the audit of the member.
type Member struct {
	ID      uuid.UUID
	Now     *roster.Member // nil: deleted
	Changes []ledger.AuditRow
}

// Find finds a person of a tenant. Text is an email, an external id or a member id. If nothing matches, the Person has
// no members. The error is that of the store.
func Find(ctx context.Context, s Store, tenant, text string) (*Person, error) {
	p := &Person{emails: map[string]bool{}, ids: map[string]bool{}}
	email, external := Identity(text)
	p.addIdentity(email, external)
	now, err := s.FindMembers(ctx, tenant, email, external)
	if err != nil {
		return nil, err
	}
	ids, err := s.FindPastMembers(ctx, tenant, email, external)
	if err != nil {
		return nil, err
	}
	for _, m := range now {
		ids = append(ids, m.ID)
	}
	if id, err := uuid.Parse(text); err == nil {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, roster.CompareIDs)
	for _, id := range slices.Compact(ids) {
		if err := p.add(ctx, s, tenant, id); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Identity returns text normalised as an email and as an external id. The email is "" if text is not one.
func Identity(text string) (email, external string) {
	if normal, ok := roster.NormalEmail(text); ok {
		email = normal
	}
	return email, roster.NormalText(text)
}

// add adds the member with the id, if the members or the audit have it.
func (p *Person) add(ctx context.Context, s Store, tenant string, id uuid.UUID) error {
	m := Member{ID: id}
	members, err := s.MembersByID(ctx, tenant, []uuid.UUID{id})
	if err != nil {
		return err
	}
	if len(members) > 0 {
		m.Now = &members[0]
		p.addIdentity(m.Now.Values[roster.Email], m.Now.ExternalID)
	}
	for c, err := range s.MemberChanges(ctx, tenant, id) {
		if err != nil {
			return err
		}
		m.Changes = append(m.Changes, c)
	}
	for email := range m.emails() {
		p.addIdentity(email, "")
	}
	for external := range m.externalIDs() {
		p.addIdentity("", external)
	}
	if m.Now != nil || len(m.Changes) > 0 {
		p.Members = append(p.Members, m)
	}
	return nil
}

func (p *Person) addIdentity(email, external string) {
	if email != "" {
		p.emails[email] = true
	}
	if external != "" {
		p.ids[external] = true
	}
}

// emails iterates over the emails in the audit of a member.
func (m Member) emails() iter.Seq[string] { return m.auditedValues(roster.Email.String()) }

// externalIDs iterates over the external ids in the audit of a member. It leaves out those of which a person decided that
// they aren't the member's: they may be somebody else's.
func (m Member) externalIDs() iter.Seq[string] {
	apart := map[string]bool{}
	for _, c := range m.Changes {
		for _, name := range idNames {
			for _, value := range c.Fields[name] {
				switch id, _ := value.(string); c.Op {
				case plan.UnlinkedOp:
					apart[roster.Fold(id)] = true
				case plan.LinkedOp:
					delete(apart, roster.Fold(id))
				}
			}
		}
	}
	return func(yield func(string) bool) {
		for id := range m.auditedValues(idNames...) {
			if !apart[roster.Fold(id)] && !yield(id) {
				return
			}
		}
	}
}

// idNames are the audit's names for external ids.
var idNames = []string{roster.ExternalID.String(), plan.LinkedID}

func (m Member) auditedValues(names ...string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, c := range m.Changes {
			for _, name := range names {
				for _, value := range c.Fields[name] {
					if text, _ := value.(string); text != "" && !yield(text) {
						return
					}
				}
			}
		}
	}
}

// Has reports whether the person has the member with the id.
func (p *Person) Has(id uuid.UUID) bool {
	return slices.ContainsFunc(p.Members, func(m Member) bool { return m.ID == id })
}

// Owns reports whether a row with this external id and email belongs to the person. If both the person and the row have
// an external id, only the ids count, since an email can pass to another person.
func (p *Person) Owns(external, email string) bool {
	if external != "" && p.ids[external] {
		return true
	}
	if !p.emails[email] {
		return false
	}
	hasID := func(m Member) bool { return m.Now != nil && m.Now.ExternalID != "" }
	return external == "" || !slices.ContainsFunc(p.Members, hasID)
}

// Mentions returns the entries of a tenant's settings that name the person.
func (p *Person) Mentions(settings tenant.Tenant) []tenant.Mention {
	return settings.Mentions(p.emails, p.ids)
}
