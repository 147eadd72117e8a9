package read

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// cellsOf reads one row and gives its cells by column name, ids in brackets.
func cellsOf(t *testing.T, fields roster.FieldMap, raw string) map[string][]string {
	t.Helper()
	columns := &Columns{}
	row, err := NewReader(roster.Mappings{Fields: fields}, columns).Read(1, []byte(raw))
	require.NoError(t, err)
	cells := map[string][]string{}
	for i, cell := range row.Cells {
		if _, word := columns.Words[cell.Column]; word {
			continue
		}
		values := append([]string{}, cell.Values...)
		for i, id := range cell.IDs {
			values[i] += "[" + id + "]"
		}
		cells[columns.Names[cell.Column]] = values
		if i > 0 {
			assert.Less(t, row.Cells[i-1].Column, cell.Column, "cells are in the order of columns")
		}
		assert.True(t, cell.IDs == nil || len(cell.IDs) == len(cell.Values))
	}
	return cells
}

func TestReaderUnderstandsEveryShapeOfValue(t *testing.T) {
	t.Parallel()
	type want map[string][]string
	for name, c := range map[string]struct {
		raw  string
		want want
	}{
		"a string":                       {`{"City":"Atlanta"}`, want{"City": {"Atlanta"}}},
		"a string as written, untrimmed": {`{"City":" Atlanta "}`, want{"City": {" Atlanta "}}},
		"an escaped string":              {`{"City":"S\u00e3o\tPaulo \"SP\" \ud83d\ude00"}`, want{"City": {"São\tPaulo \"SP\" 😀"}}},
		"an escaped name":                {`{"Cit\u0079":"Atlanta"}`, want{"City": {"Atlanta"}}},
		"half a surrogate pair":          {`{"City":"A\ud83d"}`, want{"City": {"A\ufffd"}}},
		"broken UTF-8":                   {"{\"City\":\"S\xe3o\"}", want{"City": {"S\ufffdo"}}},
		"leading zeros of a string":      {`{"Employee_ID":"000123"}`, want{"Employee_ID": {"000123"}}},
		"a number":                       {`{"Employee_ID":21001}`, want{"Employee_ID": {"21001"}}},
		"a number beyond a float":        {`{"Employee_ID":12345678901234567890}`, want{"Employee_ID": {"12345678901234567890"}}},
		"a number with a point":          {`{"Employee_ID":21001.10}`, want{"Employee_ID": {"21001.10"}}},
		"a number with an exponent":      {`{"Employee_ID":1E5}`, want{"Employee_ID": {"1E5"}}},
		"booleans":                       {`{"Is_Manager":true,"Active":false}`, want{"Is_Manager": {"true"}, "Active": {"false"}}},
		"a date":                         {`{"Office":"2026-11-23T08:00:00-08:00"}`, want{"Office": {"2026-11-23T08:00:00-08:00"}}},
		"empty ones": {
			`{"City":null,"Country":"","Office":[],"Locale":"  \u200b","Status":[""],"Groups":[{}],"Email":[null],"Title":{},"WID":[[]]}`, want{},
		},
		"an object in an array of one": {
			`{"Worker_s_Manager_group":[{"Email":"john@example.com","Phone":"1"}]}`, want{"Worker_s_Manager_group.Email": {"john@example.com"}},
		},
		"an object":           {`{"name":{"givenName":"Jane","familyName":"Doe"}}`, want{"name.givenName": {"Jane"}, "name.familyName": {"Doe"}}},
		"objects deep inside": {`{"worker":{"position":[{"location":{"city":"Atlanta"}}]}}`, want{"worker.position.location.city": {"Atlanta"}}},
		"an object around a person's own fields": {
			`{"Worker_group":[{"First_Name":"Jane"}],"Primary_Position_group":{"Business_Title":"Engineer"}}`,
			want{"Worker_group.First_Name": {"Jane"}, "Primary_Position_group.Business_Title": {"Engineer"}},
		},
		"a Descriptor with one ID": {`{"Country":{"Descriptor":"Canada","ID":"CAN"}}`, want{"Country": {"Canada[CAN]"}}},
		"a descriptor in lower case, as in REST": {
			`{"Country":{"id":"bc33","descriptor":"Canada","href":"https://x"}}`, want{"Country": {"Canada[bc33]"}},
		},
		"a Descriptor with a list of IDs": {
			`{"Country":{"Descriptor":"Canada","ID":[{"type":"ISO","$":"CA"},{"type":"WID","$":"a3"}]}}`, want{"Country": {"Canada[a3]"}},
		},
		"the ID of the type that the column is named after": {
			`{"Employee_ID":{"Descriptor":"Jane","ID":[{"type":"WID","$":"a3"},{"type":"Employee_ID","$":"021001"}]}}`,
			want{"Employee_ID": {"Jane[021001]"}},
		},
		"IDs with the namespace's marks": {
			`{"Country":{"wd:Descriptor":"Canada","wd:ID":[{"@wd:type":"WID","#text":"a3"}]}}`, want{"Country": {"Canada[a3]"}},
		},
		"a Descriptor alone":         {`{"Country":{"Descriptor":"Canada"}}`, want{"Country": {"Canada"}}},
		"an ID beside no text":       {`{"WID":{"Descriptor":"","ID":[{"type":"WID","$":"a3"}]}}`, want{"WID": {"[a3]"}}},
		"a Descriptor of nothing":    {`{"Country":{"Descriptor":null,"ID":[]}}`, want{}},
		"an array of Descriptors":    {`{"Groups":[{"Descriptor":"A","ID":[{"type":"WID","$":"1"}]},{"Descriptor":"B","ID":[{"type":"WID","$":"2"}]}]}`, want{"Groups": {"A[1]", "B[2]"}}},
		"Descriptors and strings":    {`{"Groups":["A",{"Descriptor":"B","ID":"2"},"C"]}`, want{"Groups": {"A[]", "B[2]", "C[]"}}},
		"an array of strings":        {`{"Groups":["A","","B",null]}`, want{"Groups": {"A", "B"}}},
		"an array of arrays":         {`{"Groups":[["A"],["B","C"]]}`, want{"Groups": {"A", "B", "C"}}},
		"an array of objects":        {`{"Groups_group":[{"Group_Name":"A","Since":1},{"Group_Name":"B"}]}`, want{"Groups_group.Group_Name": {"A", "B"}}},
		"a name that is there twice": {`{"City":"Atlanta","City":"Boston"}`, want{"City": {"Atlanta", "Boston"}}},
		"the primary of several": {
			`{"emails":[{"value":"a@example.com","primary":false},{"value":"b@example.com","primary":true}]}`,
			want{"emails.value": {"b@example.com"}},
		},
		"several of which none is primary": {
			`{"emails":[{"value":"a@example.com","primary":false},{"value":"b@example.com"}]}`,
			want{"emails.value": {"a@example.com", "b@example.com"}},
		},
		"a manager's email is not the person's": {`{"Manager":{"Email":"john@example.com"}}`, want{"Manager.Email": {"john@example.com"}}},
		"white space between everything":        {" {\n\t\"City\" : \"Atlanta\" } \r\n", want{"City": {"Atlanta"}}},
		"an empty name":                         {`{"":"x","a":{"":"y"}}`, want{}},
		"an empty row":                          {`{}`, want{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, map[string][]string(c.want), cellsOf(t, nil, c.raw))
		})
	}
}

func TestReaderTakesAReferenceApartWhereTheTenantSaysSo(t *testing.T) {
	t.Parallel()
	raw := `{"Worker":{"Descriptor":"Jane Doe","ID":[{"type":"WID","$":"a3"}]},"Site":[{"Descriptor":"HQ","ID":"s1"}]}`
	assert.Equal(t, map[string][]string{"Worker.ID": {"a3"}, "Site.Descriptor": {"HQ"}, "Site": {"HQ[s1]"}},
		cellsOf(t, roster.FieldMap{"worker.id": {roster.ExternalID}, "Site.Descriptor": {roster.Office}}, raw))
	assert.Equal(t, map[string][]string{"Site": {"HQ[s1]"}}, cellsOf(t, nil, raw))
}

func TestReaderDoesNotMindTheOrderOfColumns(t *testing.T) {
	t.Parallel()
	dictionary := []string{"City", "Email", "Groups", "Office"}
	one, err := NewReader(
		roster.Mappings{},
		&Columns{Names: dictionary},
	).Read(1, []byte(`{"Office":"HQ","Groups":["A","B"],"City":"Atlanta","Email":"a@example.com"}`))
	require.NoError(t, err)
	other, err := NewReader(
		roster.Mappings{},
		&Columns{Names: dictionary},
	).Read(1, []byte(`{"City":"Atlanta","Email":"a@example.com","Office":"HQ","Groups":["A","B"]}`))
	require.NoError(t, err)
	assert.Equal(t, one.Cells, other.Cells)
}

func TestReaderRefusesWhatIsNoRow(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"null":                 `null`,
		"a string":             `"jane@example.com"`,
		"an array":             `[{"Email":"jane@example.com"}]`,
		"nothing":              ``,
		"white space":          ` `,
		"half an object":       `{"Email":"jane@example.com"`,
		"half a value":         `{"Email":"jane@exa`,
		"half a nested object": `{"Worker":{"Email":"jane@example.com"}`,
		"a missing value":      `{"Email":}`,
		"a trailing comma":     `{"Email":"jane@example.com",}`,
		"two objects":          `{"Email":"jane@example.com"}{}`,
		"a control character":  "{\"Email\":\"jane\x00@example.com\"}",
		"an XML document":      `<wd:Report_Data/>`,
		"a bad number":         `{"Employee_ID":01}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewReader(roster.Mappings{}, &Columns{}).Read(7, []byte(raw))
			known, ok := fault.Of(err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, fault.KindMalformedRow, known.Kind)
			assert.False(t, known.Retry)
			assert.Contains(t, known.Detail, "row 7")
			assert.NotContains(t, known.Detail+known.Hint, "jane")
		})
	}
}

func TestReaderGoesOnAfterABadRow(t *testing.T) {
	t.Parallel()
	columns := &Columns{}
	reader := NewReader(roster.Mappings{}, columns)
	_, err := reader.Read(1, []byte(`{"Email":["a@example.com",{"x":`))
	require.Error(t, err)
	row, err := reader.Read(2, []byte(`{"City":"Atlanta"}`))
	require.NoError(t, err)
	require.Len(t, row.Cells, 1)
	assert.Equal(t, "City", columns.Names[row.Cells[0].Column])
	assert.Equal(t, []string{"Atlanta"}, row.Cells[0].Values)
}

func TestReaderKeepsNothingOfTheBytes(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"City":"Atlanta","Groups":[{"Descriptor":"A","ID":"1"}]}`)
	row, err := NewReader(roster.Mappings{}, &Columns{}).Read(3, raw)
	require.NoError(t, err)
	assert.Equal(t, 3, row.Number)
	assert.Equal(t, roster.HashBytes(raw), row.Hash)
	clear(raw)
	assert.Equal(
		t,
		[]roster.Cell{{Column: 0, Values: []string{"Atlanta"}}, {Column: 1, Values: []string{"A"}, IDs: []string{"1"}}},
		row.Cells,
	)
	assert.Equal(t, uint64(0b11), row.Mask())
}

func TestReaderCountsWhatNoFieldUses(t *testing.T) {
	t.Parallel()
	columns := &Columns{}
	reader := NewReader(roster.Mappings{Fields: roster.FieldMap{"Mail_Stop": {roster.Office}, "Title": {}}}, columns)
	for i, raw := range []string{
		`{"Cost_Center":"1","City":"Atlanta","Work_Email":null,"Title":"Dr.","Pay":{"Grade":7}}`,
		`{"Cost_Center":"","City":"","Work_Email":"","Tags":["x","y"],"Mail_Stop":"B2"}`,
		`{"Cost_Center":{"Descriptor":"2","ID":"x"}}`,
	} {
		_, err := reader.Read(i+1, []byte(raw))
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"City", "Mail_Stop"}, columns.Names)
	want := []UnusedColumn{{"Cost_Center", 2}, {"Pay.Grade", 1}, {"Tags", 1}, {"Title", 1}, {"Work_Email", 0}}
	assert.Equal(t, want, reader.Unused())

	t.Run("and goes on from what an earlier one counted", func(t *testing.T) {
		t.Parallel()
		next := NewReader(roster.Mappings{Fields: roster.FieldMap{"Mail_Stop": {roster.Office}, "Title": {}}}, columns)
		next.AddUnused(want)
		_, err := next.Read(4, []byte(`{"Cost_Center":"1"}`))
		require.NoError(t, err)
		want := append([]UnusedColumn{{"Cost_Center", 3}}, want[1:]...)
		assert.Equal(t, want, next.Unused())
	})
}

func TestReaderKeepsTheDictionary(t *testing.T) {
	t.Parallel()
	columns := &Columns{Names: []string{"Office", "Email"}}
	row, err := NewReader(roster.Mappings{}, columns).Read(1, []byte(`{"Email":"a@example.com","City":"Atlanta"}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"Office", "Email", "City"}, columns.Names)
	assert.Equal(t, uint64(0b110), row.Mask())
}

func TestReaderRefusesMoreCandidatesThanBits(t *testing.T) {
	t.Parallel()
	fields := roster.FieldMap{}
	var pairs []string
	for i := range roster.MaxColumns + 1 {
		fields[fmt.Sprintf("Column_%d", i)] = []roster.Field{roster.City}
		pairs = append(pairs, fmt.Sprintf(`"Column_%d":"x"`, i))
	}
	columns := &Columns{}
	row, err := NewReader(
		roster.Mappings{Fields: fields},
		columns,
	).Read(1, []byte("{"+strings.Join(pairs[:roster.MaxColumns], ",")+`,"Column_64":""}`))
	require.NoError(t, err, "an empty column needs no bit")
	assert.Equal(t, ^uint64(0), row.Mask())

	_, err = NewReader(roster.Mappings{Fields: fields}, columns).Read(1, []byte("{"+strings.Join(pairs, ",")+"}"))
	known, ok := fault.Of(err)
	require.True(t, ok)
	assert.Equal(t, fault.KindTooManyColumns, known.Kind)
	assert.Len(t, columns.Names, roster.MaxColumns)
}

func TestReaderStaysSmall(t *testing.T) {
	t.Parallel()
	reader := NewReader(roster.Mappings{}, &Columns{})
	long := strings.Repeat("n", 10*maxName)
	for i := range 3 * maxUnused {
		_, err := reader.Read(i+1, fmt.Appendf(nil, `{"column_%d":1,"%s%d":1}`, i, long, i))
		require.NoError(t, err)
	}
	unused := reader.Unused()
	assert.Len(t, unused, maxUnused)
	for _, column := range unused {
		assert.LessOrEqual(t, len(column.Name), maxName)
	}
	deep := strings.Repeat(`{"a":[`, 200) + strings.Repeat(`]}`, 200)
	_, err := reader.Read(1, []byte(deep))
	assert.NoError(t, err)
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		workdayRow, workOSRow,
		`{"Groups":[{"Descriptor":"A","ID":[{"type":"WID","$":"1"}]},"B",["C"]],"emails":[{"primary":true,"value":"x"},{"value":"y"}]}`,
		`{"a":{"b":[{"c":{"Descriptor":"d","id":{"type":"x","$":1}}}]}}`, `{"City":"\ud83d","City":null,"":[[[]]]}`,
		`null`, `{`, `{"City":`, "{\"City\":\"\xff\"}", `{"a":1}x`,
	} {
		f.Add([]byte(seed))
	}
	reader := NewReader(roster.Mappings{Fields: roster.FieldMap{"a.b.c": {roster.City}}}, &Columns{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		row, err := reader.Read(1, raw)
		if string(raw) != before {
			t.Fatal("the raw row was changed")
		}
		if err != nil {
			if known, ok := fault.Of(err); !ok ||
				known.Kind != fault.KindMalformedRow && known.Kind != fault.KindTooManyColumns {
				t.Fatalf("not a fault of the reader's: %v", err)
			}
			return
		}
		again, err := reader.Read(1, raw)
		if err != nil || !assert.ObjectsAreEqual(row, again) {
			t.Fatalf("read twice: %v, then %v, %v", row, again, err)
		}
		// A row that is plain to see reads as it does when the decoder takes it apart.
		reader.begin(raw)
		if utf8.Valid(raw) {
			err := cmp.Or(reader.readSlow(raw, 1), reader.countWords())
			if reader.sort(); err != nil || !assert.ObjectsAreEqual(row.Cells, reader.cells()) {
				t.Fatalf("taken apart by the decoder: %v, not %v", err, row)
			}
		}
		for _, cell := range row.Cells {
			if _, word := reader.columns.Words[cell.Column]; word {
				continue
			}
			if len(cell.Values) == 0 || cell.IDs != nil && len(cell.IDs) != len(cell.Values) {
				t.Fatalf("a cell without values, or with other ids: %+v", cell)
			}
			for i, value := range cell.Values {
				if roster.Blank([]byte(value)) && (cell.IDs == nil || roster.Blank([]byte(cell.IDs[i]))) {
					t.Fatalf("an empty value is kept: %+v", cell)
				}
			}
		}
	})
}

const workdayRow = `{"Employee_ID":"000123","First_Name":"Jane","Last_Name":"Doe","Email_-_Work":"Jane.Doe@Example.com",
	"CF_Management_Level":{"Descriptor":"4 Director","ID":[{"type":"WID","$":"9a1"},{"type":"Management_Level_ID","$":"4"}]},
	"businessTitle":"Solutions Engineer","Business_Unit":"Consulting","Job_Function":"Engineering","People_Manager":"1",
	"Worker_s_Manager_group":[{"Email":"john@example.com"}],"City":"Atlanta","Country":"United States of America","Office":"Atlanta HQ",
	"Locale":"en_US","Status":"Active","Groups":[{"Descriptor":"Mentors","ID":[{"type":"WID","$":"7"}]}],
	"Cost_Center":"CC-1","FTE":1.0,"Hire_Date":"2020-02-01"}`

const workOSRow = `{"id":"directory_user_01","idp_id":"8931","email":"jane@example.com","emails":[{"primary":true,"type":"work","value":"jane@example.com"}],
	"first_name":"Jane","last_name":"Doe","job_title":"Engineer","state":"active","username":"jane","employee_type":"Full-time",
	"department_name":"Engineering","division_name":"Consulting","management_level":"IC","manager_email":"john@example.com",
	"groups":[{"id":"directory_group_01","name":"Mentors"}]}`

func BenchmarkRead(b *testing.B) {
	for name, raw := range map[string]string{"workday": workdayRow, "workos": workOSRow, "flat": flatRow} {
		b.Run(name, func(b *testing.B) {
			reader := NewReader(roster.Mappings{}, &Columns{})
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := reader.Read(1, []byte(raw)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadTo(b *testing.B) {
	for name, raw := range map[string]string{"workday": workdayRow, "workos": workOSRow, "flat": flatRow} {
		b.Run(name, func(b *testing.B) {
			reader, rows, row, data := NewReader(roster.Mappings{}, &Columns{}), &PackedRows{}, roster.Row{Number: 1}, []byte(raw)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if rows.Len() == 4000 {
					rows.Release()
				}
				if _, err := reader.ReadTo(rows, row, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
