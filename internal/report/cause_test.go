package report_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
)

func TestPeopleWithoutARowAreNamedAsWell(t *testing.T) {
	t.Parallel()
	list := roster.NewProtection(nil, "")
	var ann, bo roster.Member
	ann.ExternalID, ann.Values[roster.Email] = "E1", "ann@x.io"
	bo.ExternalID, bo.Values[roster.Email] = "E2", "bo@x.io"
	in := held()
	in.Issues = each(nil, list.ExclusionIssue(&ann, false), list.ExclusionIssue(&bo, true), roster.UnmatchedProtectionIssue(2))

	text := write(t, report.Text, in)
	assert.Contains(t, text, "  warning  protected  (2 cases)\n    - E1, ann@x.io: not in the directory")
	assert.Contains(t, text, "    - E2, bo@x.io: departed longer ago")
	assert.Contains(t, text, "  warning  protected_unknown  (the whole report)\n    protected[2] in the tenant's "+
		"settings")

	in.Issues = each(nil, list.ExclusionIssue(&ann, false), list.ExclusionIssue(&bo, true), roster.UnmatchedProtectionIssue(2))
	page := write(t, report.HTML, in)
	assert.Contains(t, page, "2 cases")
	assert.Contains(t, page, "<td>E1</td><td>ann@x.io</td>")
	assert.Contains(t, page, "<td>E2</td><td>bo@x.io</td>")
}
