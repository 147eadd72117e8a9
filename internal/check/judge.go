package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/mask"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// judge applies the rules of a sync to each row. Rules that compare rows (duplicates, managers) need the whole report,
// so only a preview applies them.
func (c *check) judge() {
	c.result.Columns, c.result.Missing, c.result.Words = []Column{}, []Missing{}, []roster.WordCount{}
	if len(c.rows) == 0 {
		return
	}
	filled := make([]int, read.FilledCustom+roster.MaxColumns)
	for _, row := range c.rows {
		mask := c.reader.Mask(row)
		for i := range roster.MaxColumns {
			filled[i] += int(mask.Columns >> i & 1)                  //nolint:gosec // one bit
			filled[read.FilledCustom+i] += int(mask.Custom >> i & 1) //nolint:gosec // one bit
		}
	}
	bindings := read.Bind(c.settings.Mappings, &c.columns, filled)
	c.listColumns(filled, bindings)
	c.listMissing(bindings)
	c.listUnmatched()
	c.listForeign(bindings)
	c.listUnscoped(bindings)
	if bindings.Incomplete() {
		return
	}
	unknown := c.judgeRows(bindings)
	c.result.Words = append(c.result.Words, c.columns.CountWords(bindings, filled, unknown)...)
	for i, word := range c.result.Words {
		if strings.Contains(word.Word, "@") { // the column has something else than words
			c.result.Words[i].Word = mask.Value(roster.Email, word.Word)
		}
	}
	c.noteDates(bindings)
	if bindings.Fields.Has(roster.Status) && !c.inactive {
		c.noteInactive()
	}
}

// cause identifies issues that are reported as one finding.
type cause struct {
	severity roster.Severity
	code     roster.Code
	field    string
}

// judgeRows applies the rules of single rows. It returns the unknown words.
func (c *check) judgeRows(bindings roster.Bindings) []roster.WordCount {
	allGroups := c.result.Groups != nil && c.result.Groups.Complete
	rules := roster.NewRules(roster.RulesSettings{
		Mappings: c.settings.Mappings, Bindings: bindings, Source: c.directory.Source(), Groups: c.units,
	})
	found, values := map[cause]*Finding{}, map[cause]map[roster.OffendingValue]int{}
	for _, row := range c.rows {
		verdict := rules.Judge(row)
		switch {
		case verdict.OutOfScope:
			c.result.Users.OutOfScope++
			continue
		case verdict.Departed:
			c.result.Users.Departed++
			continue
		}
		c.inactive = c.inactive || verdict.User.Values[roster.Status] == roster.Inactive
		// A group is unknown only if all groups were read.
		issues := slices.DeleteFunc(verdict.Issues, func(i roster.Issue) bool {
			return !allGroups && (i.Code == roster.CodeUnknownGroup || i.Code == roster.CodeGroupsUnreadable)
		})
		if verdict.NotStarted {
			c.result.Users.NotStarted++
		}
		switch {
		case verdict.Rejected:
			c.result.Users.Rejected++
		case len(issues) > 0:
			c.result.Users.Warnings++
		}
		for _, i := range issues {
			key := cause{i.Severity, i.Code, i.Field}
			if found[key] == nil {
				field, _ := roster.ParseField(i.Field)
				values[key] = map[roster.OffendingValue]int{}
				// The detail of one issue may contain the row's value.
				general := c.directory.Source().Advise(i.Code.Issue(roster.Identity{}, field))
				found[key] = &Finding{
					Severity: Warning, Code: string(i.Code), Field: nullable.Of(i.Field),
					Detail: general.Detail, Hint: general.Hint,
				}
			}
			found[key].Rows++
			for _, value := range i.Values {
				values[key][value]++
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(found), func(a, b cause) int {
		return cmp.Or(
			cmp.Compare(a.severity, b.severity), // rejected first
			cmp.Compare(found[b].Rows, found[a].Rows),
			cmp.Compare(a.code, b.code),
			cmp.Compare(a.field, b.field),
		)
	}) {
		if key.severity == roster.Rejected {
			found[key].Detail += " (such a row is rejected)"
		}
		found[key].listValues(values[key])
		c.addFinding(*found[key])
	}
	report := rules.Report()
	slices.SortStableFunc(report, func(a, b roster.Issue) int { return cmp.Compare(b.Rows, a.Rows) })
	for _, i := range report {
		if i.Code == roster.CodeLevelUnmapped {
			c.addFinding(Finding{
				Severity: Warning, Code: string(i.Code), Field: nullable.Of(i.Field), Rows: i.Rows, Detail: i.Detail,
				Hint: i.Hint,
			})
		}
	}
	if n := c.result.Users.Departed; n > 0 && n == len(c.rows) {
		c.addFinding(Finding{
			Severity: Problem, Code: "all_departed", Field: nullable.Of(roster.Status.String()), Rows: n,
			Detail: "every row read says that the person has left: a sync would add nobody",
			Hint:   "Say under statuses in the tenant's settings what the words of the status column mean.",
		})
	}
	if n := c.result.Users.Rejected; n == len(c.rows) {
		c.addFinding(Finding{
			Severity: Problem, Code: "all_rejected", Rows: n,
			Detail: "every row read would be rejected: a sync would add nobody",
			Hint:   "Correct the required fields that the warnings name.",
		})
	}
	return rules.UnknownWords()
}

// listValues lists the worst of the values that rows can't use. A value that only one row has may say who it is, as an
// address does, so it is masked even in a field whose values are shown.
func (f *Finding) listValues(rows map[roster.OffendingValue]int) {
	field := roster.NoField
	if f.Field != nil {
		field, _ = roster.ParseField(*f.Field)
	}
	var shown roster.OffendingTally
	for _, v := range slices.SortedFunc(maps.Keys(rows), func(a, b roster.OffendingValue) int {
		return cmp.Or(cmp.Compare(rows[b], rows[a]), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Length, b.Length))
	}) {
		masked := roster.OffendingValue{Text: mask.Value(field, v.Text), Length: v.Length}
		if rows[v] == 1 || strings.Contains(v.Text, "@") {
			masked.Text = mask.Text(v.Text)
		}
		shown.Add(masked.String(), rows[v])
	}
	f.Values, f.OtherRows = shown.Worst(maxValues)
}

// noteInactive adds a finding about inactive people, if no row has one.
func (c *check) noteInactive() {
	if c.directory.Source().ListsMembers() {
		c.addFinding(Finding{
			Severity: Warning, Code: "inactive_people_vanish", Field: nullable.Of(roster.Status.String()),
			Detail: "no row is inactive: by default WorkOS removes inactive people from the directory, so they look " +
				"like leavers",
			Hint: "If people on leave should stay members, ask WorkOS to keep inactive users in this environment. " +
				"Otherwise there is nothing to do: missing people are kept for the tenant's grace time and return " +
				"as the same members.",
		})
		return
	}
	c.addFinding(Finding{
		Severity: Note, Code: "no_inactive_people", Field: nullable.Of(roster.Status.String()),
		Detail: "no row is inactive",
		Hint: "Nothing to do if the report should list only active people: missing people count as leavers. " +
			fmt.Sprintf("If it should list leavers, the Workday domain security policy %q may be missing ", read.LeaversPolicy) +
			"for the integration system user.",
	})
}
