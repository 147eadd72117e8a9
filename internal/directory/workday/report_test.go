package workday

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/fault"
)

// splitBody splits the body read from r and copies the rows.
func splitBody(r io.Reader, limit int) (rows []string, err error) {
	err = split(usersAt, r, limit, func(raw []byte) error {
		rows = append(rows, string(raw))
		return nil
	})
	return rows, err
}

func kindOf(err error) fault.Kind {
	if err == nil {
		return ""
	}
	if f, ok := fault.Of(err); ok {
		return f.Kind
	}
	return fault.Kind("not a fault: " + err.Error())
}

var bodies = map[string]struct {
	body string
	kind fault.Kind
	rows []string
}{
	"one row": {`{"Report_Entry":[{"a":1}]}`, "", []string{`{"a":1}`}},
	"rows as they were sent": {
		` { "Report_Entry" : [ { "a" : 1.0 } , {"b":["x",{"c":null}]} ] } ` + "\n", "",
		[]string{`{ "a" : 1.0 }`, `{"b":["x",{"c":null}]}`},
	},
	"a byte order mark": {"\xef\xbb\xbf" + `{"Report_Entry":[{}]}`, "", []string{`{}`}},
	"other keys before": {
		`{"x":{"Report_Entry":[{"no":1}]},"y":[[1],2],"Report_Entry":[{"a":1}]}`, "", []string{`{"a":1}`},
	},
	"other keys after": {
		`{"Report_Entry":[{"a":1}],"total":1,"z":{"deep":[{}]}}`, "", []string{`{"a":1}`},
	},
	"an empty error beside": {
		`{"errors":[],"error":null,"Report_Entry":[{"a":1}]}`, "", []string{`{"a":1}`},
	},
	"a list in two parts": {
		`{"Report_Entry":[{"a":1}],"Report_Entry":[{"a":2}]}`, "", []string{`{"a":1}`, `{"a":2}`},
	},
	"one row without a list":   {`{"Report_Entry":{"a":1}}`, "", []string{`{"a":1}`}},
	"rows that are no objects": {`{"Report_Entry":[null,"x",7,[]]}`, "", []string{`null`, `"x"`, `7`, `[]`}},
	"a name twice in a row":    {`{"Report_Entry":[{"a":1,"a":2}]}`, "", []string{`{"a":1,"a":2}`}},
	"a row that is not UTF-8":  {"{\"Report_Entry\":[{\"a\":\"\xff\"}]}", "", []string{"{\"a\":\"\xff\"}"}},
	"no rows":                  {`{"Report_Entry":[]}`, "", nil},
	"null for no rows":         {`{"Report_Entry":null}`, "", nil},
	"text for no rows":         {`{"Report_Entry":""}`, "", nil},
	"text for rows":            {`{"Report_Entry":"none"}`, fault.KindReportEntryMissing, nil},
	"an empty object":          {`{}`, fault.KindReportEntryMissing, nil},
	"no Report_Entry":          {`{"report_data":[{"a":1}]}`, fault.KindReportEntryMissing, nil},
	"a bare list":              {`[{"a":1}]`, fault.KindReportEntryMissing, nil},
	"an error message":         {`{"error":"Invalid username jane"}`, fault.KindReportError, nil},
	"a list of error messages": {`{"errors":[{"message":"x"}],"code":"S1"}`, fault.KindReportError, nil},
	"a fault": {
		`{"Fault":{"faultstring":"Processing error occurred"}}`, fault.KindReportError, nil,
	},
	"an error message after rows": {
		`{"Report_Entry":[{"a":1}],"error":"ran out of memory"}`, fault.KindReportError, []string{`{"a":1}`},
	},
	"a task that is not authorized": {
		`{"error":"Processing error occurred. The task submitted is not authorized."}`, fault.KindTaskNotAuthorized,
		nil,
	},
	"the same as text": {`The Task Submitted Is Not Authorized`, fault.KindTaskNotAuthorized, nil},
	"the same as XML": {
		`<?xml version="1.0"?><e>The task submitted is not authorized.</e>`, fault.KindTaskNotAuthorized, nil,
	},
	"a web page":                  {"\n\n<!DOCTYPE html><title>Sign in</title>", fault.KindHTMLNotJSON, nil},
	"a web page without its type": {`<HTML><body>Maintenance`, fault.KindHTMLNotJSON, nil},
	"XML": {
		`<wd:Report_Data xmlns:wd="urn:com.workday.report/x"><wd:Report_Entry/></wd:Report_Data>`, fault.KindXMLNotJSON,
		nil,
	},
	"CSV":                    {"First_Name,Last_Name\nJane,Doe", fault.KindNotJSON, nil},
	"nothing":                {``, fault.KindBodyTruncated, nil},
	"white space":            {"  \r\n\t", fault.KindBodyTruncated, nil},
	"broken before the rows": {`{"x":tru }`, fault.KindBodyInvalid, nil},
	"ends before the rows":   {`{"x":1,`, fault.KindBodyTruncated, nil},
	"ends in a key":          {`{"Report_En`, fault.KindBodyTruncated, nil},
	"ends in a row": {
		`{"Report_Entry":[{"a":1},{"b":`, fault.KindBodyTruncated, []string{`{"a":1}`},
	},
	"ends between rows":   {`{"Report_Entry":[{"a":1},`, fault.KindBodyTruncated, []string{`{"a":1}`}},
	"ends after a row":    {`{"Report_Entry":[{"a":1}`, fault.KindBodyTruncated, []string{`{"a":1}`}},
	"ends after the list": {`{"Report_Entry":[{"a":1}]`, fault.KindBodyTruncated, []string{`{"a":1}`}},
	"ends in a number":    {`{"Report_Entry":[1`, fault.KindBodyTruncated, []string{"1"}},
	"turns into a page": {
		`{"Report_Entry":[{"a":1},<html>502`, fault.KindBodyInvalid, []string{`{"a":1}`},
	},
	"no comma between rows": {
		`{"Report_Entry":[{"a":1} {"b":2}]}`, fault.KindBodyInvalid, []string{`{"a":1}`},
	},
	"a second object": {
		`{"Report_Entry":[{"a":1}]}{"Report_Entry":[]}`, fault.KindTrailingData, []string{`{"a":1}`},
	},
	"a page after the end": {
		`{"Report_Entry":[{"a":1}]}<html>`, fault.KindTrailingData, []string{`{"a":1}`},
	},
	"a brace too many": {`{"Report_Entry":[{"a":1}]}}`, fault.KindTrailingData, []string{`{"a":1}`}},
	"a zero byte at the end": {
		"{\"Report_Entry\":[{\"a\":1}]}\x00", fault.KindTrailingData, []string{`{"a":1}`},
	},
	"a row beyond the limit": {
		`{"Report_Entry":[{"a":1},{"b":"` + strings.Repeat("x", testLimit) + `"},{"c":1}]}`, "",
		[]string{`{"a":1}`, "null", `{"c":1}`},
	},
	"rows far beyond the limit": {
		`{"Report_Entry":[` + strings.Repeat(huge+" , \n", 3) + `{"c":1},` + huge + `,7,` + huge + `],"x":1}`, "",
		[]string{"null", "null", "null", `{"c":1}`, "null", "7", "null"},
	},
	"a list and a text beyond the limit": {
		`{"Report_Entry":[[` + huge + `],"` + strings.Repeat(`\"`, 2*testLimit) + `",{"c":1}]}`, "",
		[]string{"null", "null", `{"c":1}`},
	},
	"the only row beyond the limit": {`{"Report_Entry":` + huge + `}`, fault.KindRowTooLarge, nil},
	"ends in a row beyond the limit": {
		`{"Report_Entry":[{"a":1},` + huge[:3*testLimit], fault.KindBodyTruncated, []string{`{"a":1}`},
	},
	"ends after a row beyond the limit": {`{"Report_Entry":[` + huge, fault.KindBodyTruncated, []string{"null"}},
	"a line break in a row beyond the limit": {
		`{"Report_Entry":[{"b":"` + strings.Repeat("x", 2*testLimit) + "\n" + `"}]}`, fault.KindBodyInvalid, nil,
	},
	"no comma after a row beyond the limit": {
		`{"Report_Entry":[` + huge + ` {"a":1}]}`, fault.KindBodyInvalid, []string{"null"},
	},
	"no comma before a row beyond the limit": {
		`{"Report_Entry":[{"a":1} ` + huge + `]}`, fault.KindBodyInvalid, []string{`{"a":1}`},
	},
	"a value beyond the limit": {
		`{"x":"` + strings.Repeat("x", 3*testLimit) + `","Report_Entry":[]}`, fault.KindRowTooLarge, nil,
	},
	"a long object that nobody needs": {
		`{"x":[` + strings.Repeat(`"yyyyyyyyyy",`, testLimit) + `1],"Report_Entry":[{"a":1}]}`, "", []string{`{"a":1}`},
	},
	"a row that just fits": {
		`{"Report_Entry":[{"b":"` + strings.Repeat("x", testLimit-8) + `"}]}`, "",
		[]string{`{"b":"` + strings.Repeat("x", testLimit-8) + `"}`},
	},
	"a row that is one byte too large": {
		`{"Report_Entry":[{"b":"` + strings.Repeat("x", testLimit-7) + `"}]}`, "", []string{"null"},
	},
	"an error message beyond the limit": {
		`{"error":"` + strings.Repeat("x", 3*testLimit) + `"}`, fault.KindRowTooLarge, nil,
	},
}

const testLimit = 8 << 10

// huge is a row far beyond the limit with bytes in its texts that look like its end.
var huge = `{"a":[{"b":"}]\\\"}"},` + strings.Repeat(`{"c":"}{"},`, testLimit) + `1],"d":"` + strings.Repeat("y", 3*testLimit) + `"}`

func TestEachBodyGivesItsRowsAndFault(t *testing.T) {
	t.Parallel()
	for name, c := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := splitBody(strings.NewReader(c.body), testLimit)
			assert.Equal(t, c.kind, kindOf(err))
			assert.Equal(t, c.rows, rows)
		})
	}
}

func TestTheSizesOfReadsChangeNeitherRowsNorFault(t *testing.T) {
	t.Parallel()
	for name, c := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			for _, r := range []io.Reader{
				iotest.OneByteReader(strings.NewReader(c.body)), iotest.HalfReader(strings.NewReader(c.body)),
				iotest.DataErrReader(strings.NewReader(c.body)), &chunkedReader{
					text: c.body, size: func() int { return random.IntN(40) },
				},
			} {
				rows, err := splitBody(r, testLimit)
				assert.Equal(t, c.kind, kindOf(err))
				assert.Equal(t, c.rows, rows)
			}
		})
	}
}

// drawRows draws rows with many bytes that look like the end of a row.
func drawRows(t *rapid.T) []string {
	return rapid.SliceOfN(rapid.SampledFrom([]string{
		`{}`, `{"a":1}`, `{"a":2}`, `{"a":"}"}`, `{"a":"},{"}`, `{"a":"\"},{"}`, `{"a":[{},{}]}`,
		`{"a":[{"b":1},{"b":2},{"b":3}],"c":4}`,
		`{"a":{"b":{}},"c":[]}`, "{\"a\":[{} ,\n{}]}", `{"a":"` + strings.Repeat("x", testLimit/2) +
			`"}`, `{"a":1,"b":2}`, `7`, `{ }`,
	}), 0, 12).Draw(t, "rows")
}

func TestSplittingAgreesWithADecoderWhateverIsBetweenRows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var body strings.Builder
		body.WriteString(`{"Report_Entry":[`)
		for i, row := range drawRows(t) {
			if i > 0 {
				body.WriteString(rapid.SampledFrom([]string{
					",", ",", ",", ",", ", ", " ,\n", "", " ", "}", "x", ",,",
				}).Draw(t, "between"))
			}
			body.WriteString(row)
		}
		body.WriteString(`]}`)
		sent := body.String()
		sent = sent[:len(sent)-rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3, 9}).Draw(t, "cut off")]
		var report struct {
			Rows []jsontext.Value `json:"Report_Entry"`
		}
		whole := json.Unmarshal([]byte(sent), &report) == nil
		size := rapid.SampledFrom([]int{1, 7, 1 << 20}).Draw(t, "pieces")
		rows, err := splitBody(&chunkedReader{text: sent, size: func() int { return size }}, testLimit)
		require.Equal(t, whole, err == nil, "%v", err)
		if whole {
			require.Len(t, rows, len(report.Rows))
			for i, row := range report.Rows {
				require.Equal(t, string(row), rows[i])
			}
		}
	})
}

// chunkedReader reads text in chunks of the given sizes. A size of 0 is an empty read.
type chunkedReader struct {
	text string
	size func() int
}

func (p *chunkedReader) Read(to []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(to, p.text[:min(p.size(), len(p.text))])
	p.text = p.text[n:]
	return n, nil
}

func TestATruncatedReportIsNeverAShorterOne(t *testing.T) {
	t.Parallel()
	whole := `{"before":{"a":[1,"x"]},"Report_Entry":[{"a":"é","b":[{"c":1}]},{"a":2},{}],"after":"x"}`
	for end := range len(whole) {
		_, err := splitBody(strings.NewReader(whole[:end]), testLimit)
		require.Equal(t, fault.KindBodyTruncated, kindOf(err), "cut at %d: %s", end, whole[:end])
	}
	_, err := splitBody(strings.NewReader(whole), testLimit)
	require.NoError(t, err)
}

func TestAFailedReadIsNotTakenForTheEnd(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, body := range []string{
		``, `{"Report_Entry":[{"a":1}`, `{"Report_Entry":[{"a":1}]}`, `{"Report_Entry":[{"a":1}]} `,
	} {
		_, err := splitBody(io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken)), testLimit)
		assert.ErrorIs(t, err, broken, body)
	}
}

func TestReadingStopsAtTheHandlersFirstError(t *testing.T) {
	t.Parallel()
	full, calls := errors.New("full"), 0
	err := split(usersAt, strings.NewReader(`{"Report_Entry":[1,2,3]}`), testLimit, func([]byte) error {
		calls++
		if calls == 2 {
			return full
		}
		return nil
	})
	var kept handlerError
	require.ErrorAs(t, err, &kept)
	assert.Equal(t, full, kept.err)
	assert.Equal(t, 2, calls)
}

func TestFaultsContainNothingOfTheBody(t *testing.T) {
	t.Parallel()
	const canary = "jane.canary@example.com"
	for _, body := range []string{
		`{"error":"` + canary + `"}`, `{"` + canary + `":1}`, `<html>` + canary, `<x>` + canary, canary, `{"x":` +
			canary, `["` + canary + `"]`,
		`{"Report_Entry":[{"a":"` + canary + `"}]}` + canary, `{"Report_Entry":[{"a":"` + canary + `"` +
			canary, `{"Report_Entry":"` + canary + `"}`,
		`{"Report_Entry":[{"a":"` + canary,
	} {
		_, err := splitBody(strings.NewReader(body), testLimit)
		f, ok := fault.Of(err)
		require.True(t, ok)
		assert.NotContains(t, fmt.Sprint(f.Error(), f.Hint), "canary")
	}
}

func FuzzSplit(f *testing.F) {
	for _, c := range bodies {
		if len(c.body) < testLimit {
			f.Add([]byte(c.body), uint64(3))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, seed uint64) {
		whole, err := splitBody(strings.NewReader(string(body)), testLimit)
		random := rand.New(rand.NewPCG(seed, 1))
		pieced, piecedErr := splitBody(
			&chunkedReader{text: string(body), size: func() int { return random.IntN(9) }}, testLimit,
		)
		if kindOf(err) != kindOf(piecedErr) || fmt.Sprint(whole) != fmt.Sprint(pieced) {
			t.Fatalf("whole: %v %q; in pieces: %v %q", err, whole, piecedErr, pieced)
		}
		if err != nil {
			if _, ok := fault.Of(err); !ok {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		// White space around a report changes nothing. Without its last byte it is not a report.
		again, err := splitBody(strings.NewReader(" "+strings.TrimPrefix(string(body), "\xef\xbb\xbf")+"\n"), testLimit)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(whole) {
			t.Fatalf("with white space: %v %q, not %q", err, again, whole)
		}
		trimmed := strings.TrimRight(string(body), " \t\r\n")
		if _, err := splitBody(strings.NewReader(trimmed[:len(trimmed)-1]), testLimit); err == nil {
			t.Fatalf("sealed without its last byte: %q", trimmed)
		}
	})
}
