package store

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// What is written of a change is what Change.Fields says of it, by name.
func TestTheAuditKeepsTheFieldsThatAChangeSays(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	texts := []string{"", "yes", "no", "a", "quote \" and \\", "<tag>&", "line\nbreak\t\u0001", "Zoë 日本 \u2028"}
	member := func() *roster.Member {
		if random.IntN(5) == 0 {
			return nil
		}
		m := &roster.Member{ExternalID: texts[random.IntN(3)], ExternalKind: texts[random.IntN(3)]}
		for f := range m.Values {
			m.Values[f] = texts[random.IntN(len(texts))]
		}
		return m
	}
	group := func() *roster.Group {
		if random.IntN(5) == 0 {
			return nil
		}
		return &roster.Group{Name: texts[random.IntN(len(texts))]}
	}
	verbs := []plan.Verb{
		plan.Add, plan.Update, plan.Deactivate, plan.Reactivate, plan.Depart, plan.Return, plan.Delete, plan.AddGroup,
		plan.UpdateGroup, plan.RemoveGroup, plan.AddMembership, plan.RemoveMembership,
	}
	audit := auditor{batch: &Batch{}, told: toldNames{}}
	for n := range 5000 {
		c := plan.Change{
			Verb: verbs[n%len(verbs)], Before: member(), After: member(), BeforeGroup: group(), AfterGroup: group(),
		}
		want := c.Fields()
		sheet := &sqliteSheet{}
		audit.sheet = sheet
		if err := audit.put(1, &c); err != nil {
			t.Fatal(err)
		}
		row := sheet.rows
		names := fieldNames(row[8].(string))
		if !slices.Equal(names, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("%s: %v, want %v", c.Verb, names, want)
		}
		if c.Verb == plan.Delete || len(names) == 0 {
			if row[9] != nil {
				t.Fatalf("%s: values %v", c.Verb, row[9])
			}
			continue
		}
		pairs, err := fieldPairs([]byte(row[9].(string)))
		if err != nil || len(pairs) != len(names) {
			t.Fatal(pairs, err)
		}
		have := map[string][2]any{}
		for i, name := range names {
			have[name] = pairs[i]
		}
		if !reflect.DeepEqual(have, want) {
			t.Fatalf("%s: %v", c.Verb, fmt.Sprint(have, want))
		}
	}
}

// Rows that an earlier release has written go on being read.
func TestTheAuditOfAnEarlierReleaseIsRead(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		names, values string
		want          map[string][2]any
	}{
		{"city office", `[[null,"Rome"],[null,true]]`, map[string][2]any{"city": {nil, "Rome"}, "office": {nil, true}}},
		{"city office", `["Rome",true]`, map[string][2]any{"city": {nil, "Rome"}, "office": {nil, true}}},
		{"group_name", `[["a","b"]]`, map[string][2]any{"group_name": {"a", "b"}}},
		{"", `[]`, map[string][2]any{}},
	} {
		pairs, err := fieldPairs([]byte(row.values))
		have := map[string][2]any{}
		for i, name := range fieldNames(row.names) {
			have[name] = pairs[i]
		}
		if err != nil || !reflect.DeepEqual(have, row.want) {
			t.Errorf("%s %s: %v, %v", row.names, row.values, have, err)
		}
	}
	for _, damaged := range []string{`[["a"]]`, `[["a","b","c"]]`, `{}`, `[`} {
		if _, err := fieldPairs([]byte(damaged)); err == nil {
			t.Errorf("%s: no error", damaged)
		}
	}
}

func TestFieldsAreNamedShortAndInOrder(t *testing.T) {
	t.Parallel()
	all := roster.FieldSet(1<<roster.Groups - 1)
	for set, want := range map[roster.FieldSet]string{
		all: "*",
		all &^ (1<<roster.Office | 1<<roster.City): "* -city -office",
		1<<roster.Office | 1<<roster.City:          "city office",
		0:                                          "",
	} {
		text := namesOf(set)
		names := fieldNames(text)
		back := roster.FieldSet(0)
		for _, name := range names {
			field, _ := roster.ParseField(name)
			back |= 1 << field
		}
		if text != want || back != set || !slices.IsSorted(names) {
			t.Errorf("%q, %v, want %q", text, names, want)
		}
	}
}
