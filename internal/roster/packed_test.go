package roster

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/wire"
)

// texts are a list of texts, nil for none, as packing gives back.
func texts(t *rapid.T, least, most int) []string {
	if list := rapid.SliceOfN(rapid.String(), least, most).Draw(t, "texts"); len(list) > 0 {
		return list
	}
	return nil
}

func drawHash(t *rapid.T) (h Hash) {
	copy(h[:], rapid.SliceOfN(rapid.Byte(), 0, len(h)).Draw(t, "hash"))
	return h
}

// drawCells are cells as Reader makes them.
func drawCells(t *rapid.T) []Cell {
	var cells []Cell
	for column := range MaxColumns {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			cells = append(cells, Cell{Column: column, Values: texts(t, 1, 1)})
		case 1:
			cells = append(cells, Cell{Column: column, Values: texts(t, 0, 3), IDs: texts(t, 0, 3)})
		}
	}
	return cells
}

// listed is a value of one list of rows or users.
type (
	listedRows  struct{ Rows []Row }
	listedUsers struct{ users []User }
)

func (l *listedRows) Pack(w *wire.Writer) {
	var rows PackedRows
	for i := range l.Rows {
		rows.Add(&l.Rows[i])
	}
	PackRows(w, 1, &rows)
	rows.Release()
	w.End()
}

func (l *listedRows) Unpack(r *wire.Reader) {
	r.Next()
	l.Rows = new(RowBuffer).Read(r)
	r.Next()
}

func (l *listedUsers) Pack(w *wire.Writer) {
	PackUsers(w, 1, l.users)
	w.End()
}

func (l *listedUsers) Unpack(r *wire.Reader) {
	r.Next()
	l.users = UnpackUsers(r, l.users)
	r.Next()
}

func unpacked[T any](t *rapid.T, want T) (have T) {
	data, err := wire.Encode(&want)
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.Decode(data, &have); err != nil {
		t.Fatal(err)
	}
	return have
}

func drawRows(t *rapid.T) *listedRows {
	return &listedRows{rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
		return Row{
			Number: rapid.Int().Draw(t, "number"), Hash: drawHash(t), Cells: drawCells(t),
			Recognised: rapid.Bool().Draw(t, "recognised"),
		}
	}), 1, 5).Draw(t, "rows")}
}

func TestPackedRowsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawRows(t)
		if have := unpacked(t, *want); !reflect.DeepEqual(have, *want) {
			t.Fatalf("have %+v, want %+v", have, want)
		}
	})
}

// inBuffer reads rows in a buffer: all of them, or one after the other.
type inBuffer struct {
	RowBuffer
	atOnce bool
	have   []Row
}

func (i *inBuffer) Unpack(r *wire.Reader) {
	i.have = nil
	r.Next()
	if i.atOnce {
		i.have = i.Read(r)
	} else {
		for row := range i.Each(r) {
			row.Cells = slices.Clone(row.Cells)
			for c := range row.Cells {
				row.Cells[c].Values, row.Cells[c].IDs = slices.Clone(row.Cells[c].Values), slices.Clone(row.Cells[c].IDs)
			}
			i.have = append(i.have, row)
		}
	}
	r.Next()
}

func TestABufferForRowsGivesWhatANewOneWould(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var room inBuffer
		for range rapid.IntRange(1, 5).Draw(t, "chunks") {
			want := drawRows(t)
			data, err := wire.Encode(want)
			room.atOnce = rapid.Bool().Draw(t, "at once")
			if err = cmp.Or(err, wire.Decode(data, &room)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(room.have, want.Rows) {
				t.Fatalf("have %+v, want %+v", room.have, want)
			}
		}
	})
}

func TestPackedUsersComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var room listedUsers
		draw := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) User {
			u := User{
				Row: rapid.Int().Draw(t, "row"), New: rapid.Bool().Draw(t, "new"), Recognised: rapid.Bool().Draw(t, "recognised"),
				ExternalID: rapid.String().Draw(t, "id"), ExternalKind: some(t, "kind", "", "workday:WID", "workday:Employee_ID"),
				Kept: FieldSet(rapid.Uint32().Draw(t, "kept")) & everyField, Groups: texts(t, 0, 3),
				Known: Known{
					Row: drawHash(t), Columns: rapid.Uint64().Draw(t, "columns"), Issues: Codes(rapid.Uint64().Draw(t, "issues")),
					Content: rapid.Uint64().Draw(t, "content"),
				},
			}
			member := drawHash(t)
			copy(u.Member[:], member[:])
			for f := range u.Values {
				u.Values[f] = some(t, "value", "", "Engineering", "Marketing", rapid.String().Draw(t, "text"))
			}
			return u
		}), 1, 5)
		for range 2 {
			want := listedUsers{draw.Draw(t, "users")}
			if have := unpacked(t, want); !reflect.DeepEqual(have, want) {
				t.Fatalf("have %+v, want %+v", have, want)
			}
			data, err := wire.Encode(&want)
			if err = cmp.Or(err, wire.Decode(data, &room)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(room, want) {
				t.Fatalf("in the place of others: have %+v, want %+v", room, want)
			}
		}
	})
}

func Some[T any](t *rapid.T, label string, of ...T) T { return rapid.SampledFrom(of).Draw(t, label) }

func some[T any](t *rapid.T, label string, of ...T) T { return rapid.SampledFrom(of).Draw(t, label) }
