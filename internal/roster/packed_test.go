package roster

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/chunk"
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

// drawCells are cells as Reader makes them, or in any order.
func drawCells(t *rapid.T) []Cell {
	if rapid.Bool().Draw(t, "in any order") {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Cell {
			return Cell{Column: rapid.Int().Draw(t, "column"), Values: texts(t, 0, 3), IDs: texts(t, 0, 3)}
		}), 1, 5).Draw(t, "cells")
	}
	var cells []Cell
	for column := range maxColumns {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			cells = append(cells, Cell{Column: column, Values: texts(t, 1, 1)})
		case 1:
			cells = append(cells, Cell{Column: column, Values: texts(t, 0, 3), IDs: texts(t, 0, 3)})
		}
	}
	return cells
}

func unpacked[T any](t *rapid.T, what T) T {
	data, err := chunk.Encode(&what)
	if err != nil {
		t.Fatal(err)
	}
	var have T
	if err := chunk.Decode(data, &have); err != nil {
		t.Fatal(err)
	}
	return have
}

func drawRows(t *rapid.T) Rows {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
		return Row{
			Number: rapid.Int().Draw(t, "number"), Hash: drawHash(t), Cells: drawCells(t),
			Recognised: rapid.Bool().Draw(t, "recognised"),
		}
	}), 1, 5).Draw(t, "rows")
}

func TestPackedRowsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawRows(t)
		if have := unpacked(t, want); !reflect.DeepEqual(have, want) {
			t.Fatalf("have %+v, want %+v", have, want)
		}
	})
}

// inRoom unpacks rows in a room: all of them, or one after the other.
type inRoom struct {
	RowRoom
	atOnce bool
	have   Rows
}

func (i *inRoom) Unpack(r *chunk.Reader) {
	i.have = nil
	if i.atOnce {
		i.have = i.RowRoom.Unpack(r)
		return
	}
	for row := range i.Each(r) {
		row.Cells = slices.Clone(row.Cells)
		for c := range row.Cells {
			row.Cells[c].Values, row.Cells[c].IDs = slices.Clone(row.Cells[c].Values), slices.Clone(row.Cells[c].IDs)
		}
		i.have = append(i.have, row)
	}
}

func TestARoomForRowsGivesWhatANewOneWould(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var room inRoom
		for range rapid.IntRange(1, 5).Draw(t, "chunks") {
			want := drawRows(t)
			data, err := chunk.Encode(&want)
			room.atOnce = rapid.Bool().Draw(t, "at once")
			if err = cmp.Or(err, chunk.Decode(data, &room)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(room.have, want) {
				t.Fatalf("have %+v, want %+v", room.have, want)
			}
		}
	})
}

func TestPackedUsersComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var room Users
		draw := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) User {
			u := User{
				Row: rapid.Int().Draw(t, "row"), New: rapid.Bool().Draw(t, "new"), Recognised: rapid.Bool().Draw(t, "recognised"),
				ExternalID: rapid.String().Draw(t, "id"), ExternalKind: some(t, "kind", "", "workday:WID", "workday:Employee_ID"),
				Kept: FieldSet(rapid.Uint32().Draw(t, "kept")), Groups: texts(t, 0, 3),
				Known: Known{
					Row: drawHash(t), Columns: rapid.Uint64().Draw(t, "columns"), Issues: Codes(rapid.Uint32().Draw(t, "issues")),
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
			want := Users(draw.Draw(t, "users"))
			if have := unpacked(t, want); !reflect.DeepEqual(have, want) {
				t.Fatalf("have %+v, want %+v", have, want)
			}
			data, err := chunk.Encode(&want)
			if err = cmp.Or(err, chunk.Decode(data, &room)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(room, want) {
				t.Fatalf("in the place of others: have %+v, want %+v", room, want)
			}
		}
	})
}
