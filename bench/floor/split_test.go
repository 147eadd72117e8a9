package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/internal/roster"
)

// rowsOf splits a body by blocks of so many bytes.
func rowsOf(t *testing.T, body string, size int) ([]string, error) {
	t.Helper()
	var rows []string
	next := func() *block { return &block{data: make([]byte, 0, size)} }
	err := split(iotest.OneByteReader(strings.NewReader(body)), next, func(b *block) {
		for i := range b.rows {
			if roster.HashBytes(b.row(i)) != b.hashes[i] {
				t.Error("a hash isn't the row's")
			}
			rows = append(rows, string(b.row(i)))
		}
	})
	return rows, err
}

func TestABodyIsCutIntoItsRowsWhereverBlocksEnd(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	if err := (people.Report{People: 40, Grouped: true}).Write(&body); err != nil {
		t.Fatal(err)
	}
	odd := `{"Report_Entry": [ {"a":"}"} , {"a":"\"}","b":{"c":[{}]}},{"a":"{"},{"a":"\\"},{} ] }` + "\n"
	for _, text := range []string{body.String(), odd} {
		var want struct {
			Entries []json.RawMessage `json:"Report_Entry"`
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{600, 601, 777, 1 << 20} {
			rows, err := rowsOf(t, text, size)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != len(want.Entries) {
				t.Fatalf("%d rows, want %d", len(rows), len(want.Entries))
			}
			for i := range rows {
				if rows[i] != string(want.Entries[i]) {
					t.Errorf("row %d is %s, want %s", i, rows[i], want.Entries[i])
				}
			}
		}
	}
}

func TestABodyThatEndsEarlyIsAnError(t *testing.T) {
	t.Parallel()
	whole := `{"Report_Entry":[{"a":"1"},{"a":"2"}]}`
	for end := range len(whole) {
		if _, err := rowsOf(t, whole[:end], 100); !errors.Is(err, errBody) {
			t.Errorf("%q: %v", whole[:end], err)
		}
	}
}

func TestTheIndexFindsWhatWasAddedAndNothingElse(t *testing.T) {
	t.Parallel()
	x := &index{}
	id := func(n int) (id [16]byte) { return [16]byte(fmt.Appendf(nil, "%016d", n)) }
	for n := range 1000 {
		x.add(id(n), roster.HashBytes(fmt.Append(nil, n)), fmt.Append(nil, "E", n))
	}
	x.add(id(2000), roster.Hash{}, []byte("departed"))
	x.seal()
	for n := range 1100 {
		ids := x.among([][]byte{fmt.Append(nil, "E", n), []byte("departed")})
		if n < 1000 && !slices.Equal(ids, []uuid.UUID{id(n), id(2000)}) || n >= 1000 && len(ids) != 1 {
			t.Fatalf("of %d there are %v", n, ids)
		}
	}
	for n := range 1100 {
		at := x.find(roster.HashBytes(fmt.Append(nil, n)))
		if n < 1000 && (at < 0 || x.ids[at] != id(n)) || n >= 1000 && at >= 0 {
			t.Fatalf("%d is found at %d", n, at)
		}
		if n%2 == 0 && at >= 0 {
			x.seen[at] = true
		}
	}
	if unseen := x.unseen(); len(unseen) != 500 || unseen[0] != id(1) {
		t.Errorf("%d unseen", len(unseen))
	}
}

func BenchmarkSplit(b *testing.B) {
	var body bytes.Buffer
	if err := (people.Report{People: 100_000}).Write(&body); err != nil {
		b.Fatal(err)
	}
	reused := &block{data: make([]byte, 0, blockSize)}
	b.SetBytes(int64(body.Len()))
	for b.Loop() {
		if err := split(bytes.NewReader(body.Bytes()), func() *block { return reused }, func(*block) {}); err != nil {
			b.Fatal(err)
		}
	}
}
