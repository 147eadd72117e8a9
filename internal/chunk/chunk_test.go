package chunk_test

import (
	"bytes"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall/rollcall/internal/chunk"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

func TestDecodeGivesBackWhatEncodeTook(t *testing.T) {
	t.Parallel()
	after := roster.Member{ID: [16]byte{15: 1}, Version: 1 << 62, ExternalID: "E1"}
	after.Known = roster.Known{Row: roster.HashBytes([]byte("row")), Columns: 1<<64 - 1, Content: 1<<64 - 1}
	after.Values[roster.City] = "Zürich \u2028 \"x\""
	for _, want := range []any{
		&[]plan.Change{{Verb: plan.Add, Member: after.ID, After: &after, Why: "absent", Drift: true}},
		&[]roster.Issue{{Row: 1, Email: "a@b.io", Severity: roster.Warning, Detail: strings.Repeat("long ", 1e5)}},
		&roster.Row{Number: 2, Hash: roster.HashBytes(nil), Cells: []roster.Cell{{Column: 1, Values: []string{"a"}, IDs: []string{"b"}}}},
		&map[string]int{},
	} {
		data, err := chunk.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		have := reflect.New(reflect.TypeOf(want).Elem())
		if err := chunk.Decode(data, have.Interface()); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(have.Interface(), want) {
			t.Errorf("have %+v, want %+v", have.Elem(), want)
		}
	}
}

func TestChunksAreSmallerThanTheirText(t *testing.T) {
	t.Parallel()
	rows := make([]roster.Row, 1000)
	for i := range rows {
		rows[i] = roster.Row{Number: i, Cells: []roster.Cell{{Column: 1, Values: []string{"Individual Contributor"}}}}
	}
	data, err := chunk.Encode(rows)
	if err != nil || len(data) > 20_000 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

func TestDamagedDataIsAnError(t *testing.T) {
	t.Parallel()
	data, err := chunk.Encode([]string{"some", "text"})
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(data)
	flipped[len(flipped)-1] ^= 1
	for name, damaged := range map[string][]byte{
		"empty": nil, "cut short": data[:len(data)-1], "a bit flipped": flipped, "not compressed": []byte(`["x"]`),
	} {
		if err := chunk.Decode(damaged, new([]string)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := chunk.Decode(data, new(int)); err == nil {
		t.Error("another type: no error")
	}
	if _, err := chunk.Encode(func() {}); err == nil {
		t.Error("a function was encoded")
	}
}

func TestManyMayEncodeAndDecodeAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 50 {
				data, err := chunk.Encode(n)
				var have int
				if err == nil {
					err = chunk.Decode(data, &have)
				}
				if err != nil || have != n {
					t.Errorf("%d: %d, %v", n, have, err)
					return
				}
			}
		})
	}
	all.Wait()
}
