package roster

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster/rostertest"
)

func TestNormalText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain text stays": {"Solutions Engineer", "Solutions Engineer"},
		"trimmed":          {"  Jane \t\r\n", "Jane"},
		"no-break and thin spaces are white space":  {"\u00a0Jane\u00a0\u2009Doe\u202f", "Jane Doe"},
		"an ideographic space is white space":       {"山田\u3000太郎", "山田 太郎"},
		"zero-width spaces are nothing":             {"\ufeffJa\u200bne\u2060 \u200b Doe\u200b", "Jane Doe"},
		"direction marks at the edges are nothing":  {"\u202ajane\u202c", "jane"},
		"a joiner inside a word stays":              {"می\u200cخواهم", "می\u200cخواهم"},
		"a joiner at an edge goes":                  {"\u200dJane\u200d \u200dDoe\u200d", "Jane Doe"},
		"control characters go":                     {"Ja\x00ne\x7f\u0085Doe\x1b", "Jane Doe"},
		"composed":                                  {"Jose\u0301", "José"},
		"composed across what is dropped":           {"Jose\u200b\u0301", "José"},
		"Hangul jamo are composed":                  {"\u1112\u1161\u11ab", "한"},
		"nothing but invisible characters is empty": {"\u200b\u00a0\u2800\u3164\x00", ""},
		"lost characters show":                      {"Jos\xe9", "Jos\ufffd"},
		"an emoji of several parts stays whole":     {"👩\u200d💻 Coder", "👩\u200d💻 Coder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := NormalText(c.in); got != c.want {
				t.Errorf("NormalText(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestNormalTextIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rostertest.AnyText().Draw(t, "text")
		once := NormalText(text)
		if twice := NormalText(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", text, once, twice)
		}
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) {
			t.Fatalf("%q becomes %q, which is not valid or not NFC", text, once)
		}
		if Blank([]byte(text)) != (once == "") {
			t.Fatalf("%q: blank is %v, normal form is %q", text, Blank([]byte(text)), once)
		}
	})
}

func TestNormalTextOfTwoSpellingsIsOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rostertest.AnyText().Draw(t, "text")
		if composed, apart := NormalText(norm.NFC.String(text)), NormalText(norm.NFD.String(text)); utf8.ValidString(
			text,
		) &&
			composed != apart {
			t.Fatalf("%q: %q when composed, %q when decomposed", text, composed, apart)
		}
	})
}
