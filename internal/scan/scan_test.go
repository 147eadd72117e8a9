package scan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
)

// decoded is how many bytes of data jsontext takes for its first value; 0: not one.
func decoded(data string) int {
	decoder := jsontext.NewDecoder(
		strings.NewReader(data),
		jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true),
	)
	if _, err := decoder.ReadValue(); err != nil {
		return 0
	}
	return int(decoder.InputOffset())
}

// checkScan compares the end of the object that data begin with.
func checkScan(t assert.TestingT, data string, layout *Layout) {
	end, want := Object([]byte(data), 0), decoded(data)
	assert.Equal(t, end, layout.Object([]byte(data), 0), "%q", data)
	switch {
	case end > 0:
		assert.Equal(t, want, end, "%q", data)
		for cut := 1; cut < end && end < 1000; cut++ {
			assert.Equal(t, CutOff, Object([]byte(data[:cut]), 0), "%q at %d", data, cut)
			assert.Equal(t, CutOff, layout.Object([]byte(data[:cut]), 0), "%q at %d", data, cut)
		}
		assert.Equal(t, strings.TrimRight(data[end:], " \t\r\n") == "", Whole([]byte(data)), "%q", data)
	case want > 0:
		assert.Greater(t, strings.Count(data, "[")+strings.Count(data, "{"), maxNesting, "%q has no end", data)
	}
}

var scanned = []string{
	`{}`, `{ }`, `{"a":1}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1 "b":2}`, `{"a":-0.5e+10,"b":[1,2,[],{}]}`, `{"a":01}`, `{"a":+1}`, `{"a":1.}`,
	`{"a":.1}`, `{"a":1e}`, `{"a":-}`, `{"a":tru}`, `{"a":true,"b":false,"c":null}`, `{"a":nulll}`, `{"a":"\u00e9\ud83d\"\\\/\b\f\n\r\t"}`,
	`{"a":"\x"}`, `{"a":"\u12g4"}`, "{\"a\":\"\x1f\"}", "{\"a\":\"\x7f\xff\xc3\"}", "{\"a\t\":1}", "{\"long text of more than eight\":\"another, with é in it\"}",
	`{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1 2]}`, `{"a":[`, `{"a":{"b":{"c":[{"d":"e"}]}}} `, "{\r\n\t\"a\" : [ 1 , 2 ] }\n", `{"a":"1234567"}`, `{"a":"12345678"}`,
	`{"a":"123456789` + "\x01" + `"}`, `{a:1}`, `{"a":NaN}`, `{"a":1}}`, `{"a":` + strings.Repeat("[", 9_995) + strings.Repeat("]", 9_995) + `}`,
	`{"!!!!!!!!":"` + "\x80\x21\x22" + `"}`,
}

func TestAnObjectEndsWhereTheDecoderSees(t *testing.T) {
	t.Parallel()
	layout := &Layout{}
	for range 2 {
		for _, data := range scanned {
			checkScan(t, data, layout)
		}
	}
	var many []string
	for i := range 2 * maxNames {
		many = append(many, fmt.Sprintf(`"name %d" : %d`, i, i))
		checkScan(t, "{"+strings.Join(many[max(0, i-3):], ",")+"}", layout)
	}
	checkScan(t, "{"+strings.Join(many, ",")+"}", layout)
	assert.Len(t, layout.between, maxNames)
	checkScan(t, `{"`+strings.Repeat("n", 2*maxNameLength)+`":1,"a":2}`, layout)
	assert.Less(t, len(layout.between[0]), maxNameLength)
}

func TestAPlainStringIsOneWithoutEscapes(t *testing.T) {
	t.Parallel()
	for data, end := range map[string]int{
		`""`: 2, `"a"`: 3, `"12345678"`: 10, `"1234567"x`: 9, `"a\"b"`: Invalid, `"\u00e9"`: Invalid, "\"a\x01\"": Invalid, "\"S\xe3o\"": 5, `"`: CutOff, `"1234567`: CutOff,
		`"12345678`: CutOff, ``: CutOff, `a`: Invalid, `1`: Invalid, `{"a":1}`: Invalid, `null`: Invalid,
	} {
		assert.Equal(t, end, SimpleString([]byte(data), 0), data)
		assert.Equal(t, end > 0, SimpleString([]byte("xyz"+data), 3) == 3+end, data)
	}
}

func FuzzScan(f *testing.F) {
	for _, data := range scanned {
		f.Add(data)
	}
	layout := &Layout{}
	f.Fuzz(func(t *testing.T, data string) {
		if strings.HasPrefix(data, "{") {
			checkScan(t, data, layout)
		}
		if end := SimpleString([]byte(data), 0); end > 0 {
			assert.Equal(t, Value([]byte(data), 0), end, "%q", data)
			assert.NotContains(t, data[:end], `\`)
		}
	})
}
