package index_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/index"
	"github.com/rollcall/rollcall/internal/roster"
)

func member(n int) uuid.UUID { return uuid.UUID{6: 0x70, 14: byte(n >> 8), 15: byte(n)} }

// drawRecord draws a record of few different words, as those of a tenant are, or of any.
func drawRecord(t *rapid.T, n int) index.Record {
	word := rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64())
	r := index.Record{
		Member: member(
			n,
		), State: roster.EntryState(rapid.IntRange(0, 2).Draw(t, "state")), HasWarnings: rapid.Bool().Draw(t, "warned"),
		External: word.Draw(
			t,
			"external",
		), Kind: word.Draw(t, "kind"), Email: word.Draw(t, "email"), Manager: word.Draw(t, "manager"),
	}
	if rapid.Bool().Draw(t, "knows") {
		r.Row, r.Columns = roster.HashBytes([]byte{byte(n), rapid.Byte().Draw(t, "row")}), word.Draw(t, "columns")
		if rapid.IntRange(0, 3).Draw(t, "has custom fields") == 0 {
			r.Custom = word.Draw(t, "custom")
		}
	}
	if r.State == roster.StateDeparted {
		r.Departed = rapid.Int64Range(1, 1000).Draw(t, "departed")
	}
	return r
}

// drawParts draws parts one after the other, and what the index is then.
func drawParts(t *rapid.T) (parts []index.Part, want map[uuid.UUID]index.Record) {
	want = map[uuid.UUID]index.Record{}
	var d index.Builder
	for number := range rapid.IntRange(0, 8).Draw(t, "parts") {
		for range rapid.IntRange(1, 12).Draw(t, "words") {
			n := rapid.IntRange(0, 40).Draw(t, "member")
			known, there := want[member(n)]
			switch rapid.SampledFrom([]string{"put", "put", "put", "delete", "forget"}).Draw(t, "verb") {
			case "put":
				r := drawRecord(t, n)
				if there {
					d.Change(r)
				} else {
					d.Add(r)
				}
				want[member(n)] = r
			case "delete":
				d.Delete(member(n))
				delete(want, member(n))
			case "forget":
				d.ForgetRow(member(n))
				if there {
					known.Row, known.Columns, known.Custom, known.HasWarnings = roster.Hash{}, 0, 0, false
					want[member(n)] = known
				}
			}
		}
		parts = append(parts, d.Part(int64(number)))
	}
	slices.SortFunc(parts, func(a, b index.Part) int { return bytes.Compare(a.Low[:], b.Low[:]) })
	return parts, want
}

// merged are the records of parts. read leaves out the pieces of a part that aren't read.
func merged(t *rapid.T, parts []index.Part, each func(index.Member) bool, read func(*index.Part)) {
	m := index.NewMerger(each)
	for _, p := range parts {
		read(&p)
		room := index.Part{
			Number: p.Number, Low: p.Low, Entries: p.Entries,
			Members: bytes.Clone(p.Members), Rows: bytes.Clone(p.Rows), Keys: bytes.Clone(p.Keys),
		}
		if _, err := m.Add(&room); err != nil {
			t.Fatal(err)
		}
		for _, piece := range [][]byte{room.Members, room.Rows, room.Keys} { // its memory isn't kept
			clear(piece)
		}
	}
	m.Close()
}

func whole(*index.Part) {}

func TestTheLastWordOnEachMemberCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts, want := drawParts(t)
		var got []index.Record
		merged(t, parts, func(f index.Member) bool {
			got = append(got, f.Record())
			return true
		}, whole)
		ids := slices.SortedFunc(maps.Keys(want), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		if len(got) != len(ids) {
			t.Fatalf("%d members, want %d", len(got), len(ids))
		}
		for i, id := range ids {
			if got[i] != want[id] {
				t.Fatalf("member %d of %d is\n%+v, want\n%+v", i, len(ids), got[i], want[id])
			}
		}
	})
}

func TestEntriesNeedNoRowsAndKnownRowsNoKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts, want := drawParts(t)
		gone := rapid.Int64Range(0, 1001).Draw(t, "gone")
		entries, recalled := 0, 0
		merged(t, parts, func(f index.Member) bool {
			entries++
			e := f.Entry(gone)
			r := want[e.Member]
			if e != r.Entry(gone) {
				t.Fatalf("entry %+v, want %+v", e, r.Entry(gone))
			}
			if left := r.State == roster.StateDeparted; (e.State == roster.StateGraceOver) != (left && r.Departed < gone) {
				t.Fatalf("state %v of %+v", e.State, r)
			}
			return true
		}, func(p *index.Part) { p.Rows = nil })
		merged(t, parts, func(f index.Member) bool {
			got, ok := f.KnownRow()
			if ok {
				recalled++
				r := want[got.Member]
				if got != (roster.KnownRow{Member: r.Member, Row: r.Row, Columns: r.Columns, Custom: r.Custom}) {
					t.Fatalf("known row %+v of %+v", got, r)
				}
			}
			return true
		}, func(p *index.Part) { p.Keys = nil })
		for _, r := range want {
			if r.State != roster.StateDeparted && r.Row != (roster.Hash{}) {
				recalled--
			}
		}
		if entries != len(want) || recalled != 0 {
			t.Fatalf("%d entries of %d members, %d known rows too many", entries, len(want), recalled)
		}
	})
}

func TestWhatIsDraftedAnewSaysTheSameAndReplacesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts, want := drawParts(t)
		size := rapid.IntRange(1, 20).Draw(t, "size")
		var d index.Builder
		var rebuilt []index.Part
		merged(t, parts, func(f index.Member) bool {
			if d.Add(f.Record()); d.Len() == size {
				rebuilt = append(rebuilt, d.Part(9))
			}
			return true
		}, whole)
		rebuilt = append(rebuilt, d.Part(9))
		if rebuilt[len(rebuilt)-1].Entries == 0 {
			rebuilt = rebuilt[:len(rebuilt)-1]
		}
		count := 0
		for _, p := range rebuilt {
			if count += p.Entries; p.Replaced > 0 {
				t.Fatalf("%d of %d members are said to be in another part", p.Replaced, p.Entries)
			}
		}
		if count != len(want) {
			t.Fatalf("%d members, want %d", count, len(want))
		}
		merged(t, rebuilt, func(f index.Member) bool {
			if r := f.Record(); r != want[r.Member] {
				t.Fatalf("%+v, want %+v", r, want[r.Member])
			}
			return true
		}, whole)
	})
}

func TestAMergerStopsWhenNobodyWantsMore(t *testing.T) {
	t.Parallel()
	var d index.Builder
	for n := range 10 {
		d.Add(index.Record{Member: member(n)})
	}
	first := d.Part(1)
	for n := range 10 {
		d.Change(index.Record{Member: member(n)})
	}
	second := d.Part(2)
	d.Add(index.Record{Member: member(20)})
	third := d.Part(3)
	seen := 0
	m := index.NewMerger(func(index.Member) bool { seen++; return seen < 4 })
	for i, p := range []index.Part{first, second, third} {
		wanted, err := m.Add(&p)
		if err != nil || wanted != (i < 2) {
			t.Errorf("after part %d: %v, %v", i, wanted, err)
		}
	}
	m.Close()
	if seen != 4 {
		t.Errorf("%d members were handed over", seen)
	}
}

func TestADamagedPartIsAnError(t *testing.T) {
	t.Parallel()
	var d index.Builder
	d.Add(index.Record{Member: member(1), Kind: 7, Departed: 5, State: roster.StateDeparted})
	d.Add(index.Record{Member: member(2), Row: roster.HashBytes(nil)})
	good := d.Part(3)
	for name, damage := range map[string]func(*index.Part){
		"no members":         func(p *index.Part) { p.Members = nil },
		"a member too few":   func(p *index.Part) { p.Entries++ },
		"members cut short":  func(p *index.Part) { p.Members = p.Members[1:] },
		"rows cut short":     func(p *index.Part) { p.Rows = p.Rows[:20] },
		"rows with a rest":   func(p *index.Part) { p.Rows = p.Rows[:len(p.Rows)-1] },
		"keys cut short":     func(p *index.Part) { p.Keys = p.Keys[:30] },
		"keys without kinds": func(p *index.Part) { p.Keys = p.Keys[:len(p.Keys)-20] },
		"empty":              func(p *index.Part) { *p = index.Part{} },
	} {
		p := good
		damage(&p)
		if _, err := index.NewMerger(func(index.Member) bool { return true }).Add(&p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
