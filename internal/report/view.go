package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

func causeOf(c *cause) causeView {
	v := causeView{
		Severity: string(c.severity), Code: string(c.code), Field: c.field, Hint: printable(c.hint), Details: c.details,
		Title: printable(c.detail), What: c.countText(groupedCount), Whole: c.whole,
	}
	if c.details {
		v.Title = c.code.Issue(roster.Identity{}, roster.NoField).Detail
	}
	worst, others := c.values.Worst(valueCount)
	for _, value := range worst {
		v.Values = append(v.Values, valueView{printable(value.Value), "in " + groupedCount(value.Rows, "row", "rows")})
	}
	v.Rest = restText(others, c.unkept, groupedCount)
	var rows []rowView
	for _, i := range slices.SortedStableFunc(slices.Values(c.examples),
		func(a, b roster.Issue) int { return cmp.Compare(a.Row, b.Row) }) {
		row := rowView{ExternalID: printable(i.ExternalID), Email: printable(i.Email), Detail: printable(i.Detail)}
		if i.Row > 0 {
			row.Row = strconv.Itoa(i.Row)
		}
		if row.Row != "" || row.ExternalID != "" || row.Email != "" || c.details {
			rows = append(rows, row)
		}
	}
	if c.listed() {
		rows = nil
	}
	if v.Rows = fold(rows, c.issues); len(rows) == 0 {
		v.Rows.More = 0
	}
	return v
}

// ops are the kinds of change in the order of the page, with their titles. The class says whether a kind adds (in),
// removes (out) or updates (same).
var ops = []struct {
	op, title, class string
}{
	{plan.Add.Op(), "Added", "in"},
	{plan.Return.Op(), "Returned", "in"},
	{plan.Reactivate.Op(), "Reactivated", "in"},
	{plan.Update.Op(), "Updated", "same"},
	{plan.Deactivate.Op(), "Deactivated", "out"},
	{plan.Depart.Op(), "Departed", "out"},
	{plan.Delete.Op(), "Deleted", "out"},
	{plan.AddGroup.Op(), "Groups added", "in"},
	{plan.UpdateGroup.Op(), "Groups updated", "same"},
	{plan.RemoveGroup.Op(), "Groups removed", "out"},
	{plan.AddMembership.Op(), "Memberships added", "in"},
	{plan.RemoveMembership.Op(), "Memberships removed", "out"},
}

// opOrder returns the position of an op on the page. Unknown ops, of other releases, come last.
func opOrder(op string) int {
	for i := range ops {
		if ops[i].op == op {
			return i
		}
	}
	return len(ops)
}

// inPageOrder compares for sorting: applied changes come before planned ones, then by opOrder.
func inPageOrder(a, b opKey) int {
	return cmp.Or(comparePart(a.part, b.part), cmp.Compare(opOrder(a.op), opOrder(b.op)), cmp.Compare(a.op, b.op))
}

func opOf(key opKey, list *opList, of run.Run) opView {
	v := opView{Title: key.op, Class: "same", Count: len(list.changes) + list.more}
	if i := opOrder(key.op); i < len(ops) {
		v.Title, v.Class = ops[i].title, ops[i].class
	}
	v.Waiting = strings.TrimPrefix(partText(key.part, of), ", ")
	shown := make([]changeView, len(list.changes))
	for i, c := range list.changes {
		shown[i] = changeOf(c)
	}
	v.Changes = fold(shown, v.Count)
	return v
}

func changeOf(c Change) changeView {
	v := changeView{Why: strings.ReplaceAll(c.Why, "_", " ")}
	if c.Member != uuid.Nil {
		email := c.Email
		for _, value := range c.Fields[roster.Email.String()] {
			if text, ok := value.(string); ok {
				email = text
			}
		}
		v.Who = cmp.Or(printable(email), c.Member.String())
	}
	if c.Group != uuid.Nil {
		v.Group = cmp.Or(printable(c.GroupName), c.Group.String())
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		before, after := valueText(c.Fields[name][0], ""), valueText(c.Fields[name][1], "")
		if before != "" || after != "" {
			v.Fields = append(v.Fields, fieldView{name, printable(before), printable(after)})
		}
	}
	return v
}
