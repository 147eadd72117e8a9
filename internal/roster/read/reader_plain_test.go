package read

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// drawRaw are rows that are laid out alike, mostly.
func drawRaw(t *rapid.T) (rows []string) {
	names := rapid.Permutation([]string{
		`"City"`, `"Email"`, `"C\u0069ty"`, `"Cost_Center"`, `"Worker"`, `"Groups"`, `""`, `"Cost"`, `"Country" `, `"` + strings.Repeat("n", maxName+1) + `"`, `"Pay"`,
	}).Draw(t, "names")
	values := []string{
		`"Atlanta"`, `"a\"b"`, `""`, `null`, `true`, `-1.5e3`, `{"Descriptor":"Canada","ID":"CA"}`, `["A",{"Descriptor":"B","ID":"2"}]`, `{"Email":"x","Office":{"a":1}}`,
		`[]`, `{}`, `[{"value":"a","primary":true},{"value":"b"}]`, "\"\xff\"", `"é "`,
	}
	for range rapid.IntRange(1, 6).Draw(t, "rows") {
		var members []string
		for _, name := range names {
			if rapid.IntRange(0, 4).Draw(t, "left out") > 0 {
				members = append(members, name+":"+rapid.SampledFrom(values).Draw(t, "value"))
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "in another order") == 0 && len(members) > 0 {
			members = rapid.Permutation(members).Draw(t, "order")
		}
		row := "{" + strings.Join(members, rapid.SampledFrom([]string{",", " ,\n"}).Draw(t, "comma")) + "}"
		if rapid.IntRange(0, 20).Draw(t, "damaged") == 0 {
			row = row[:rapid.IntRange(0, len(row)).Draw(t, "cut")] + rapid.SampledFrom([]string{"", "x", ",}", "}}"}).
				Draw(t, "end")
		}
		rows = append(rows, row)
	}
	return rows
}

func TestARowTakenInOnePassIsWhatTheDecoderTakes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fields := roster.FieldMap{"Pay": {roster.City}, "Worker.Email": {roster.Email}}
		var columns, others Columns
		quick, slow := NewReader(roster.Mappings{Fields: fields}, &columns), NewReader(roster.Mappings{Fields: fields}, &others)
		for i, raw := range drawRaw(t) {
			row, err := quick.Read(i+1, []byte(raw))
			valid := []byte(strings.ToValidUTF8(raw, "\uFFFD"))
			slow.begin(valid)
			slowErr := slow.readSlow(valid, i+1)
			require.Equal(t, slowErr == nil, err == nil, "%s: %v, %v", raw, slowErr, err)
			if err == nil {
				slow.sort()
				require.Equal(t, slow.cells(), row.Cells, raw)
			}
			require.Equal(t, others, columns)
			require.Equal(t, slow.Unused(), quick.Unused())
		}
	})
}

// packedOnly is rows that nobody unpacks.
type packedOnly struct{ *PackedRows }

func (p packedOnly) Pack(w *wire.Writer) {
	PackRows(w, 1, p.PackedRows)
	w.End()
}

func TestAPackedRowIsTheRowThatIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		report := append(drawRaw(t), workdayRow, workOSRow)
		var columns, others Columns
		reader, packing := NewReader(roster.Mappings{}, &columns), NewReader(roster.Mappings{}, &others)
		var rows []roster.Row
		var packed, added PackedRows
		for i, raw := range report {
			row, err := reader.Read(i+1, []byte(raw))
			row.Recognised = i%2 == 0
			mask, packedErr := packing.ReadTo(
				&packed,
				roster.Row{Number: i + 1, Hash: roster.HashBytes([]byte(raw)), Recognised: row.Recognised},
				[]byte(raw),
			)
			require.Equal(t, err, packedErr)
			if err == nil {
				require.Equal(t, reader.Mask(row), mask)
				rows = append(rows, row)
				added.Add(&row)
			}
		}
		require.Equal(t, len(rows), packed.Len())
		for _, what := range []*PackedRows{&packed, &added} {
			data, err := wire.Encode(packedOnly{what})
			require.NoError(t, err)
			var have unpackedRows
			require.NoError(t, wire.Decode(data, &have))
			require.Equal(t, rows, have.rows)
		}
		packed.Release()
		assert.Zero(t, packed.Len())
	})
}

func TestAReportOfManyNamesIsReadWhole(t *testing.T) {
	t.Parallel()
	var members []string
	for i := range maxLayout + 10 {
		members = append(members, fmt.Sprintf(`"name_%d":"x"`, i))
	}
	raw := "{" + strings.Join(members, ",") + `,"City":"Atlanta"}`
	columns := &Columns{}
	reader := NewReader(roster.Mappings{}, columns)
	for i := range 3 {
		row, err := reader.Read(i+1, []byte(raw))
		require.NoError(t, err)
		assert.Equal(t, []roster.Cell{{Column: 0, Values: []string{"Atlanta"}}}, row.Cells)
	}
	assert.Len(t, reader.Unused(), maxLayout+10)
	assert.Len(t, reader.layout.names, maxLayout)
}

func TestACopyReadsARowAsTheReaderWouldInItsTurn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		report := append(drawRaw(t), drawRaw(t)...)
		var columns Columns
		reader := NewReader(roster.Mappings{Fields: roster.FieldMap{"Pay": {roster.City}}}, &columns)
		from := rapid.IntRange(0, len(report)).Draw(t, "rows before the copy")
		for i, raw := range report[:from] {
			_, _ = reader.Read(i+1, []byte(raw)) // a damaged one as well
		}
		ahead := reader.Copy()
		learned := reader.Version()
		require.Equal(t, learned, ahead.Version())
		for i, raw := range report[from:] {
			before := reader.Unused()
			got, err := ahead.Read(from+i+1, []byte(raw))
			counted := ahead.TakeUnused(nil)
			require.Equal(t, learned, ahead.Version(), "a copy learns nothing")
			want, wantErr := reader.Read(from+i+1, []byte(raw))
			if err != nil {
				require.True(t, wantErr != nil || reader.Version() > learned, "%v", err)
				continue
			}
			require.NoError(t, wantErr)
			require.Equal(t, want, got)
			other := NewReader(roster.Mappings{Fields: roster.FieldMap{"Pay": {roster.City}}}, &Columns{Names: columns.Names})
			other.AddUnused(before)
			other.AddUnused(counted)
			for _, unused := range reader.Unused() {
				if unused.Filled > 0 {
					require.Contains(t, other.Unused(), unused)
				}
			}
		}
	})
}

func TestValuesComeInTheOrderOfColumnsHoweverTheyStand(t *testing.T) {
	t.Parallel()
	names := []string{"City", "Email", "Groups", "Office", "Status", "Locale"}
	rapid.Check(t, func(t *rapid.T) {
		var members []string
		want := map[int][]string{}
		for i, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 8).Draw(t, "names") {
			members = append(members, fmt.Sprintf(`"%s":"%s%d"`, name, strings.Repeat(`\u0041`, i%2), i))
			column := slices.Index(names, name)
			want[column] = append(want[column], strings.Repeat("A", i%2)+fmt.Sprint(i))
		}
		row, err := NewReader(roster.Mappings{}, &Columns{Names: names}).Read(1, []byte("{"+strings.Join(members, ",")+"}"))
		require.NoError(t, err)
		got, last := map[int][]string{}, -1
		for _, cell := range row.Cells {
			require.Less(t, last, cell.Column)
			if last = cell.Column; cell.Column < len(names) { // words have numbers behind the columns
				got[cell.Column] = cell.Values
			}
		}
		require.Equal(t, want, got)
	})
}

// unpackedRows are rows that were packed as packedOnly.
type unpackedRows struct{ rows []roster.Row }

func (u *unpackedRows) Unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		if n == 1 {
			u.rows = new(RowBuffer).Read(r)
		} else {
			r.Skip()
		}
	}
}
