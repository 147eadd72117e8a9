package tables

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/wire"
)

// What is written of a change is what Change.Fields says of it, by name.
func TestTheAuditStoresTheFieldsOfAChange(t *testing.T) {
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
		m.Values[roster.Custom] = ""
		for _, name := range []string{"a", "cost_center", "team_2"} {
			patch := roster.AppendCustom(nil, roster.CustomValue{Name: name, Text: texts[random.IntN(len(texts))]})
			m.Values[roster.Custom] = roster.PatchCustom(m.Values[roster.Custom], string(patch))
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
	audit := Auditor{Batch: &ledger.Batch{}, Numbers: NumbersBySet{}}
	for n := range 5000 {
		c := plan.Change{
			Verb: verbs[n%len(verbs)], Before: member(), After: member(), BeforeGroup: group(), AfterGroup: group(),
		}
		want := c.Fields()
		sheet := &recorded{}
		audit.Rows = sheet
		if err := audit.Put(1, &c); err != nil {
			t.Fatal(err)
		}
		row := sheet.values
		names, err := FieldNames(row[8].(string))
		if err != nil {
			t.Fatal(err)
		}
		if c.Verb == plan.Delete || len(names) == 0 {
			if !slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(maps.Keys(want))) {
				t.Fatalf("%s: %v, want %v", c.Verb, names, want)
			}
			if row[9] != nil {
				t.Fatalf("%s: values %v", c.Verb, row[9])
			}
			continue
		}
		pairs, err := fieldPairs([]byte(row[9].(string)))
		if err != nil || len(pairs) != len(names) {
			t.Fatal(pairs, err)
		}
		have := pairsByName(names, pairs)
		if !reflect.DeepEqual(have, want) {
			t.Fatalf("%s: %v", c.Verb, fmt.Sprint(have, want))
		}
	}
}

// What is kept says its fields by numbers, which no release changes.
func TestTheAuditIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		fields, values string
		want           map[string][2]any
	}{
		{"1:11 13", `[[null,"Rome"],[null,true]]`, map[string][2]any{"city": {nil, "Rome"}, "office": {nil, true}}},
		{"1:11 13", `["Rome",true]`, map[string][2]any{"city": {nil, "Rome"}, "office": {nil, true}}},
		{"1:11-13", `["Rome","Italy","HQ"]`, map[string][2]any{
			"city": {nil, "Rome"}, "country": {nil, "Italy"},
			"office": {nil, "HQ"},
		}},
		{"1:0", `[["a","b"]]`, map[string][2]any{"group_name": {"a", "b"}}},
		{"1:11 63", `["Rome","of a later release"]`, map[string][2]any{"city": {nil, "Rome"}}},
		{"1:32", `[[{"a":"1","b":"2"},{"a":"3"}]]`, map[string][2]any{"custom.a": {"1", "3"}, "custom.b": {"2", nil}}},
		{"1:32", `[{"a":"1"}]`, map[string][2]any{"custom.a": {nil, "1"}}},
		{"", `[]`, map[string][2]any{}},
	} {
		pairs, err := fieldPairs([]byte(row.values))
		names, err2 := FieldNames(row.fields)
		have := pairsByName(names, pairs)
		if err != nil || err2 != nil || !reflect.DeepEqual(have, row.want) {
			t.Errorf("%s %s: %v, %v, %v", row.fields, row.values, have, err, err2)
		}
	}
	for _, damaged := range []string{`[["a"]]`, `[["a","b","c"]]`, `{}`, `[`} {
		if _, err := fieldPairs([]byte(damaged)); err == nil {
			t.Errorf("%s: no error", damaged)
		}
	}
	for _, damaged := range []string{"1:x", "1:3-1", "1:1-100000", "1:-"} {
		if _, err := FieldNames(damaged); err == nil {
			t.Errorf("%s: no error", damaged)
		}
	}
	var newer *wire.VersionError
	if _, err := FieldNames("2:11"); !errors.As(err, &newer) || newer.Version != 2 {
		t.Errorf("a newer version: %v", err)
	}
}

func TestFieldsAreNumberedShortAndInOrder(t *testing.T) {
	t.Parallel()
	all := roster.FieldSet(0)
	for _, field := range auditOrder {
		all = all.With(field)
	}
	for set, want := range map[roster.FieldSet]string{
		all:                      "1:1-18 32",
		all.Without(roster.City): "1:1-10 12-18 32",
		roster.FieldSet(0).With(roster.City).With(roster.Office): "1:11 13",
		0: "",
	} {
		text := NumbersOf(set)
		names, err := FieldNames(text)
		back := roster.FieldSet(0)
		for _, name := range names {
			field, _ := roster.ParseField(name)
			back = back.With(field)
		}
		if text != want || back != set || err != nil {
			t.Errorf("%q, %v, %v, want %q", text, names, err, want)
		}
	}
}

// recorded are rows that are written nowhere.
type recorded struct{ values []any }

func (r *recorded) Text(value string)  { r.values = append(r.values, value) }
func (r *recorded) Number(value int64) { r.values = append(r.values, value) }
func (r *recorded) Bytes(value []byte) { r.values = append(r.values, value) }

func (r *recorded) TextBytes(value []byte) {
	if value == nil {
		r.values = append(r.values, nil)
		return
	}
	r.values = append(r.values, string(value))
}

func (r *recorded) Write(context.Context, *database.Tx) error { return nil }
