package read

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/rostertest"
	"github.com/rollcall/rollcall/internal/wire"
)

// drawCells are cells as Reader makes them.
func drawCells(t *rapid.T) []roster.Cell {
	var cells []roster.Cell
	for column := range roster.MaxColumns {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			cells = append(cells, roster.Cell{Column: column, Values: rostertest.Texts(t, 1, 1)})
		case 1:
			cells = append(
				cells,
				roster.Cell{Column: column, Values: rostertest.Texts(t, 0, 3), IDs: rostertest.Texts(t, 0, 3)},
			)
		}
	}
	return cells
}

// listedRows is a record with one list of rows.
type listedRows struct{ Rows []roster.Row }

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

func drawRows(t *rapid.T) *listedRows {
	return &listedRows{rapid.SliceOfN(rapid.Custom(func(t *rapid.T) roster.Row {
		return roster.Row{
			Number: rapid.Int().Draw(t, "number"), Hash: rostertest.Bytes16(t), Cells: drawCells(t),
			Recognised: rapid.Bool().Draw(t, "recognised"),
		}
	}), 1, 5).Draw(t, "rows")}
}

func TestPackedRowsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawRows(t)
		if have := rostertest.RoundTrip(t, *want); !reflect.DeepEqual(have, *want) {
			t.Fatalf("have %+v, want %+v", have, want)
		}
	})
}

// inBuffer reads rows in a buffer: all of them, or one after the other.
type inBuffer struct {
	RowBuffer
	atOnce bool
	have   []roster.Row
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
		var buffer inBuffer
		for range rapid.IntRange(1, 5).Draw(t, "chunks") {
			want := drawRows(t)
			data, err := wire.Encode(want)
			buffer.atOnce = rapid.Bool().Draw(t, "at once")
			if err = cmp.Or(err, wire.Decode(data, &buffer)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(buffer.have, want.Rows) {
				t.Fatalf("have %+v, want %+v", buffer.have, want)
			}
		}
	})
}
