package store

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

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
	for n := range 5000 {
		c := plan.Change{
			Verb: verbs[n%len(verbs)], Before: member(), After: member(), BeforeGroup: group(), AfterGroup: group(),
		}
		want := c.Fields()
		sheet := &sqliteSheet{}
		if _, err := putAudit(sheet, &Batch{}, 1, &c, nil); err != nil {
			t.Fatal(err)
		}
		row := sheet.rows
		names := strings.Fields(row[8].(string))
		if !slices.Equal(names, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("%s: %v, want %v", c.Verb, names, want)
		}
		if c.Verb == plan.Delete || len(names) == 0 {
			if row[9] != nil {
				t.Fatalf("%s: values %v", c.Verb, row[9])
			}
			continue
		}
		var pairs [][2]any
		if err := json.Unmarshal([]byte(row[9].(string)), &pairs); err != nil {
			t.Fatal(err)
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
