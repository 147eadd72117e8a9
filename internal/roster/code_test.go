package roster

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryCodeSaysWhatAndWhatToDo(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	for code, about := range codes {
		assert.Regexp(t, name, string(code))
		assert.NotEmpty(t, about.detail, code)
		if code != CodeColumnAbsent { // whose hint depends on the field
			assert.NotEmpty(t, about.hint, code)
		}
	}
}

func TestSeverityDependsOnTheField(t *testing.T) {
	t.Parallel()
	assert.Equal(t, Rejected, CodeEmailInvalid.Severity(Email))
	assert.Equal(t, Warning, CodeEmailInvalid.Severity(ManagerEmail))
	assert.Equal(t, Rejected, CodeSeveralValues.Severity(LastName))
	assert.Equal(t, Warning, CodeSeveralValues.Severity(City))
	assert.Equal(t, Rejected, CodeDuplicateExternalID.Severity(ExternalID))
	assert.Equal(t, Warning, CodeIdenticalDuplicate.Severity(NoField))
	assert.Equal(t, Warning, CodeLevelUnmapped.Severity(ManagementLevel))
}

func TestCodesAndIssuesAreTheSame(t *testing.T) {
	t.Parallel()
	who := Identity{Row: 7, ExternalID: "21", Email: "jane@example.com"}
	var all WarningSet
	bits := 0
	for _, d := range warningBits {
		if d.code == "" {
			continue
		}
		bits++
		codes := WarningSet(0).With(d.code, d.field)
		require.NotZero(t, codes, "%v", d)
		if d.code == CodeLevelUnmapped {
			assert.Empty(t, IssuesOf(codes, who), "listed once for the report, not by row")
		} else {
			assert.Equal(t, []Issue{d.code.Issue(who, d.field)}, IssuesOf(codes, who))
		}
		assert.Equal(t, Warning, d.code.Severity(d.field), "only warnings are remembered: %v", d)
		assert.False(t, all.Has(d.code, d.field))
		all = all.With(d.code, d.field)
		assert.True(t, all.Has(d.code, d.field))
	}
	assert.Len(t, IssuesOf(all, who), bits-1)
	assert.Empty(t, IssuesOf(0, who))
	assert.Zero(t, WarningSet(0).With(CodeRequiredEmpty, Email), "a rejected row has no place in the index")
	assert.Empty(t, IssuesOf(1<<63, who), "a bit of a newer release")
}

func TestFieldsHaveTheirNames(t *testing.T) {
	t.Parallel()
	for f := range Fields() {
		parsed, ok := ParseField(f.String())
		assert.True(t, ok)
		assert.Equal(t, f, parsed)
	}
	_, ok := ParseField("")
	assert.False(t, ok)
	assert.Empty(t, NoField.String())
	assert.True(t, Email.Required())
	assert.False(t, Role.Required())
	assert.False(t, NoField.Required())
}
