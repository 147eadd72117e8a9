package scrub_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/scrub"
	"github.com/rollcall/rollcall/internal/wire"
)

func TestErasure(t *testing.T) {
	t.Parallel()
	t.Run("values that can't be used, of an erased person", scrubsValues)
}

// scrubsValues checks which values are removed, those that may be about the person.
func scrubsValues(t *testing.T) {
	t.Parallel()
	ada := erasure.Subject{Emails: []string{"ada@x.io"}, Externals: []erasure.External{{ID: "E1"}}}
	for name, is := range map[string]struct {
		id, email, value string
		code             roster.Code
		field            roster.Field
		kept             bool
	}{
		"of the person's row": {
			id: "E1", email: "ada@x.io", value: "Oui", code: roster.CodeNotYesOrNo, field: roster.PeopleManager,
		},
		"of a row that nobody is identified by": {
			email: "ada at x", value: "ada at x", code: roster.CodeEmailInvalid, field: roster.Email,
		},
		"of a manager who is given by name": {
			id: "E2", email: "bo@x.io", value: "Ada Lovelace", code: roster.CodeEmailInvalid, field: roster.ManagerEmail,
		},
		"that are the person's email":       {id: "E2", value: "Ada@x.io", code: roster.CodeDateInvalid, field: roster.EndDate},
		"that are the person's external id": {id: "E2", value: "E1", code: roster.CodeDateInvalid, field: roster.EndDate},
		"of a level that only the person may have": {
			value: "Countess", code: roster.CodeLevelUnmapped, field: roster.ManagementLevel,
		},
		"but not those of somebody else": {
			id: "E2", email: "bo@x.io", value: "Oui", code: roster.CodeNotYesOrNo, field: roster.PeopleManager, kept: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := is.code.Issue(roster.Identity{ExternalID: is.id, Email: is.email}, is.field)
			before.Values = []roster.OffendingValue{{Text: is.value}}
			data, err := wire.Encode([]roster.Issue{before})
			require.NoError(t, err)
			scrubbed, differs, err := scrub.New(nil, ada, nil).Chunk(t.Context(), ledger.Chunk{Stage: ledger.StageIssues, Data: data})
			require.NoError(t, err)
			require.Equal(t, !is.kept, differs)
			if differs {
				var issues []roster.Issue
				require.NoError(t, wire.Decode(scrubbed, &issues))
				assert.Empty(t, issues[0].Values)
				assert.Equal(t, before.Code, issues[0].Code, "counts stay the same")
			}
		})
	}
}
