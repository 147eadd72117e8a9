package person

import (
	"context"
	"slices"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/roster"
)

// Subject returns the person as the subject of an erasure, with every id and email that the person has or had. It
// excludes emails that another member has now, and counts them in shared. A person without a member is identified by
// the email or external id in text. The person must not have more than one member. The error is that of the store.
func (p *Person) Subject(
	ctx context.Context, s Store, tenant, text string,
) (subject erasure.Subject, shared int, err error) {
	var emails []string
	var names []erasure.Name
	for _, m := range p.Members {
		subject.Members = append(subject.Members, m.ID)
		if m.Now != nil {
			emails = append(emails, m.Now.Values[roster.Email])
			names = append(names, erasure.Name{
				Email: m.Now.Values[roster.Email], First: m.Now.Values[roster.FirstName],
				Last: m.Now.Values[roster.LastName],
			})
			if m.Now.ExternalID != "" {
				subject.Externals = append(subject.Externals,
					erasure.External{Kind: m.Now.ExternalKind, ID: m.Now.ExternalID})
			}
		}
		emails = slices.AppendSeq(emails, m.emails())
		for id := range m.externalIDs() {
			subject.Externals = withExternal(subject.Externals, id)
		}
	}
	if len(p.Members) == 0 {
		if email, external := Identity(text); email != "" {
			emails = append(emails, email)
		} else {
			subject.Externals = withExternal(nil, external)
		}
	}
	slices.Sort(emails)
	for _, email := range slices.Compact(emails) {
		if email == "" {
			continue
		}
		others, err := s.FindMembers(ctx, tenant, email, "")
		if err != nil {
			return subject, 0, err
		}
		if slices.ContainsFunc(others, func(m roster.Member) bool { return !p.Has(m.ID) }) {
			shared++
			continue
		}
		subject.Emails = append(subject.Emails, email)
	}
	for _, name := range names {
		if name.Complete() && slices.Contains(subject.Emails, name.Email) {
			subject.Names = append(subject.Names, name)
		}
	}
	return subject, shared, nil
}

// withExternal appends an external id of unknown kind unless the list has it.
func withExternal(list []erasure.External, id string) []erasure.External {
	if id == "" || slices.ContainsFunc(list, func(e erasure.External) bool { return e.ID == id }) {
		return list
	}
	return append(list, erasure.External{ID: id})
}
