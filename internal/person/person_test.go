package person_test

import (
	"context"
	"iter"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/person"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/tenant"
)

func id(n int) uuid.UUID { return uuid.UUID{15: byte(n)} }

// fake is an in-memory store with members and their audit.
type fake struct {
	members []roster.Member
	audit   []ledger.AuditRow
}

// add adds a member with an email and an external id, which may be "".
func (f *fake) add(n int, email, external string) {
	m := roster.Member{ID: id(n), ExternalID: external, ExternalKind: "kind"}
	m.Values[roster.Email] = email
	f.members = append(f.members, m)
}

// changed adds a change of a field to the audit.
func (f *fake) changed(n int, field, before, after string) {
	f.audit = append(f.audit, ledger.AuditRow{Member: id(n), Fields: map[string][2]any{field: {before, after}}})
}

func (f *fake) find(t *testing.T, text string) *person.Person {
	t.Helper()
	p, err := person.Find(t.Context(), f, "acme", text)
	require.NoError(t, err)
	return p
}

func (f *fake) FindMembers(_ context.Context, _, email, external string) (found []roster.Member, err error) {
	for _, m := range f.members {
		if email != "" && m.Values[roster.Email] == email || external != "" && m.ExternalID == external {
			found = append(found, m)
		}
	}
	return found, nil
}

func (f *fake) FindPastMembers(_ context.Context, _, email, external string) (ids []uuid.UUID, err error) {
	for _, c := range f.audit {
		for field, known := range map[string]string{"email": email, "external_id": external} {
			if pair := c.Fields[field]; known != "" && (pair[0] == known || pair[1] == known) {
				ids = append(ids, c.Member)
			}
		}
	}
	return ids, nil
}

func (f *fake) MembersByID(_ context.Context, _ string, ids []uuid.UUID) (found []roster.Member, err error) {
	for _, m := range f.members {
		if slices.Contains(ids, m.ID) {
			found = append(found, m)
		}
	}
	return found, nil
}

func (f *fake) MemberChanges(_ context.Context, _ string, member uuid.UUID) iter.Seq2[ledger.AuditRow, error] {
	return func(yield func(ledger.AuditRow, error) bool) {
		for _, c := range f.audit {
			if c.Member == member && !yield(c, nil) {
				return
			}
		}
	}
}

func members(p *person.Person) (ids []uuid.UUID) {
	for _, m := range p.Members {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestAPersonIsFoundByPresentAndFormerIdentities(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.add(1, "ada@example.com", "E1")
	f.changed(1, "email", "ada@old.example", "ada@example.com")
	f.changed(2, "email", "", "bo@example.com") // deleted since
	f.add(3, "cy@example.com", "")
	f.changed(3, "email", "ada@old.example", "cy@example.com") // had that email too
	for text, want := range map[string][]uuid.UUID{
		"ADA@example.com":  {id(1)},
		"E1":               {id(1)},
		id(1).String():     {id(1)},
		"ada@old.example":  {id(1), id(3)},
		"bo@example.com":   {id(2)},
		id(2).String():     {id(2)},
		"nobody@of.us":     nil,
		id(9).String():     nil,
		" ada@example.com": {id(1)},
	} {
		assert.Equal(t, want, members(f.find(t, text)), text)
	}
	assert.Nil(t, f.find(t, "bo@example.com").Members[0].Now, "deleted")
}

func TestOnlyTheExternalIDCountsIfPersonAndRowHaveOne(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.add(1, "ada@example.com", "E1")
	f.add(2, "bo@example.com", "")
	withID, without := f.find(t, "E1"), f.find(t, "bo@example.com")
	assert.True(t, withID.Owns("E1", "new@example.com"))
	assert.True(t, withID.Owns("", "ada@example.com"))
	assert.False(t, withID.Owns("E7", "ada@example.com"), "the email has passed to somebody else")
	assert.False(t, withID.Owns("", ""))
	assert.True(t, without.Owns("E8", "bo@example.com"))
	assert.False(t, without.Owns("E8", "cy@example.com"))
}

func TestTheSubjectOfAnErasureHasAllIdentities(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.add(1, "ada@example.com", "E1")
	f.members[0].Values[roster.FirstName], f.members[0].Values[roster.LastName] = "Ada", "King"
	f.changed(1, "email", "shared@example.com", "ada@example.com")
	f.changed(1, "external_id", "E0", "E1")
	f.add(2, "shared@example.com", "E2")
	subject, shared, err := f.find(t, "E1").Subject(t.Context(), f, "acme", "E1")
	require.NoError(t, err)
	assert.Equal(t, erasure.Subject{
		Members: []uuid.UUID{id(1)}, Emails: []string{"ada@example.com"},
		Externals: []erasure.External{{Kind: "kind", ID: "E1"}, {ID: "E0"}},
		Names:     []erasure.Name{{Email: "ada@example.com", First: "Ada", Last: "King"}},
	}, subject)
	assert.Equal(t, 1, shared, "an email that is somebody else's now stays")

	subject, _, err = f.find(t, "Dee@example.com").Subject(t.Context(), f, "acme", "Dee@example.com")
	require.NoError(t, err)
	assert.Equal(t, erasure.Subject{Emails: []string{"dee@example.com"}}, subject, "nobody yet")
	subject, _, err = f.find(t, "E9").Subject(t.Context(), f, "acme", "E9")
	require.NoError(t, err)
	assert.Equal(t, erasure.Subject{Externals: []erasure.External{{ID: "E9"}}}, subject)
}

func TestAnUnlinkedExternalIDIsNotErasedWithThePerson(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.add(1, "ada@example.com", "")
	f.changed(1, "external_id", "", "E1")
	decided := func(op, before, after string) {
		f.changed(1, plan.LinkedID, before, after)
		f.audit[len(f.audit)-1].Op = op
	}
	externals := func() []erasure.External {
		subject, _, err := f.find(t, "ada@example.com").Subject(t.Context(), f, "acme", "ada@example.com")
		require.NoError(t, err)
		return subject.Externals
	}
	assert.Equal(t, []erasure.External{{ID: "E1"}}, externals())
	decided(plan.UnlinkedOp, "E1", "")
	assert.Empty(t, externals(), "it is somebody else's")
	decided(plan.LinkedOp, "", "E1")
	assert.Equal(t, []erasure.External{{ID: "E1"}}, externals())
}

func TestSettingsMentionAPersonByAnyIdentity(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.add(1, "ada@example.com", "E1")
	f.changed(1, "email", "ada@old.example", "ada@example.com")
	mentions := f.find(t, "E1").Mentions(tenant.Tenant{Sentinels: []tenant.Person{
		{Email: "bo@example.com"},
		{Email: "ada@old.example"},
	}})
	require.Len(t, mentions, 1)
	assert.Equal(t, "sentinels[1]", mentions[0].Key)
}
