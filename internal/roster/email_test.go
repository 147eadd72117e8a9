package roster

import (
	"net/mail"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster/rostertest"
)

func TestNormalEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"jane@example.com":                         "jane@example.com",
		" Jane.DOE@Example.COM\u200b":              "jane.doe@example.com",
		"jane+mentor@example.com":                  "jane+mentor@example.com",
		"o'neil@example.co.uk":                     "o'neil@example.co.uk",
		"\u202ajane@example.com\u202c":             "jane@example.com",
		"jose\u0301@example.com":                   "josé@example.com",
		"用户@例え.jp":                                 "用户@xn--r8jz45g.jp",
		"jane@xn--bcher-kva.example":               "jane@xn--bcher-kva.example",
		`"jane doe"@example.com`:                   "",
		`"jane..doe"@example.com`:                  `"jane..doe"@example.com`,
		"jane_doe@mail-1.example.com":              "jane_doe@mail-1.example.com",
		"\u212aate@example.com":                    "kate@example.com",
		"Jane Doe <jane@example.com>":              "",
		"<jane@example.com>":                       "",
		"jane@example.com (Jane)":                  "",
		"jane@example.com, joe@example.com":        "",
		"jane@example.com;joe@example.com":         "",
		"mailto:jane@example.com":                  "",
		"jane@localhost":                           "",
		"jane@example..com":                        "",
		"jane@.example.com":                        "",
		"jane@example.com.":                        "",
		"jane@-example.com":                        "",
		"jane@example-.com":                        "",
		"jane@exa_mple.com":                        "",
		"jane@[192.0.2.1]":                         "",
		"jane@192.0.2.1":                           "",
		"jane@@example.com":                        "",
		".jane@example.com":                        "",
		"jane.@example.com":                        "",
		"ja..ne@example.com":                       "",
		"jane doe@example.com":                     "",
		"ja\u200dne@example.com":                   "",
		"ja\xe9ne@example.com":                     "",
		"jane":                                     "",
		"@example.com":                             "",
		"jane@":                                    "",
		"":                                         "",
		"N/A":                                      "",
		strings.Repeat("a", 242) + "@example.com":  strings.Repeat("a", 242) + "@example.com",
		strings.Repeat("a", 243) + "@example.com":  "",
		"jane@" + strings.Repeat("a", 63) + ".com": "jane@" + strings.Repeat("a", 63) + ".com",
		"jane@" + strings.Repeat("a", 64) + ".com": "",
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			got, ok := NormalEmail(in)
			if ok != (want != "") || ok && got != want {
				t.Errorf("NormalEmail(%q) = %q, %v, want %q", in, got, ok, want)
			}
		})
	}
}

// TestAPlainEmailIsWhatItIsTheLongWay holds the short way to the long one, with addresses that are nearly plain.
func TestAPlainEmailIsWhatItIsTheLongWay(t *testing.T) {
	t.Parallel()
	near := rapid.Custom(func(t *rapid.T) string {
		part := rapid.StringOfN(rapid.SampledFrom([]rune("abcXYZ0189.-_+'@ \u00e9")), 1, 6, -1)
		text := part.Draw(t, "local") + "@" + part.Draw(t, "label") + "." + part.Draw(t, "last")
		return text + strings.Repeat("a", rapid.SampledFrom([]int{0, 0, 0, 57, 63, 64, 240, 250}).Draw(t, "more"))
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(near, rostertest.AnyEmail()).Draw(t, "text")
		have, ok := plainEmail(text, new(TextBuffer))
		want, is := generalEmail(text)
		if ok && (!is || have != want) {
			t.Fatalf("%q is plainly %q, and %q, %v the long way", text, have, want, is)
		}
		if !ok && is && isASCII(text) && isDotAtom(text[:strings.LastIndexByte(text, '@')]) && isPlain(text) {
			t.Fatalf("%q is no plain address", text)
		}
	})
}

func TestAnAddressOfLettersAndDigitsIsPlain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z0-9]{1,12}@[a-z0-9]{1,12}\.[a-z]{2,6}`).Draw(t, "text")
		if have, ok := plainEmail(text, new(TextBuffer)); !ok || have != text {
			t.Fatalf("%q is plainly %q, %v", text, have, ok)
		}
	})
}

func TestNormalEmailIsIdempotentAndAnAddress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rostertest.AnyEmail().Draw(t, "text")
		once, ok := NormalEmail(text)
		twice, still := NormalEmail(once)
		if once != twice || ok != still {
			t.Fatalf("%q becomes %q (%v), then %q (%v)", text, once, ok, twice, still)
		}
		if !ok {
			return
		}
		if parsed, err := mail.ParseAddress(once); err != nil || parsed.Name != "" {
			t.Fatalf("%q is accepted as %q, which net/mail takes for %v, %v", text, once, parsed, err)
		}
		if upper, ok := NormalEmail(strings.ToUpper(once)); isLowerASCII(once) && (!ok || upper != once) {
			t.Fatalf("%q in upper case becomes %q, %v", once, upper, ok)
		}
	})
}

// docs/rules.md, section 3.
func TestEmails(t *testing.T) {
	t.Parallel()
	t.Run("email compared", func(t *testing.T) {
		t.Parallel()
		for _, pair := range [][2]string{
			{"νίκος@corp.example", "ΝΊΚΟΣ@CORP.EXAMPLE"}, // the final sigma
			{"kelvin@corp.example", "\u212aelvin@corp.example"},
			{"strasse@bücher.example", "STRASSE@BÜCHER.example"},
			{"strasse@bücher.example", "strasse@xn--bcher-kva.example"},
			{"rené@corp.example", "rene\u0301@corp.example"},
		} {
			one, ok := NormalEmail(pair[0])
			other, okToo := NormalEmail(pair[1])
			if !ok || !okToo || one != other {
				t.Errorf("%q is %q, %v; %q is %q, %v", pair[0], one, ok, pair[1], other, okToo)
			}
		}
		if earlier := EarlierEmail("νίκος@corp.example"); earlier != "νίκος@corp.example" {
			t.Errorf("the earlier form is %q", earlier)
		}
		if earlier := EarlierEmail("Ann@corp.example"); earlier != "" {
			t.Errorf("ASCII has no earlier form, not %q", earlier)
		}
	})
}

// Texts that strings.EqualFold equates have one folded form, and no others have.
func TestFoldIsEqualFold(t *testing.T) {
	t.Parallel()
	letters := rapid.StringOf(rapid.SampledFrom([]rune("aAßẞkK\u212aſsSσςΣiIıİéÉ")))
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		if strings.EqualFold(a, b) != (Fold(a) == Fold(b)) {
			t.Fatalf("%q and %q: %q and %q", a, b, Fold(a), Fold(b))
		}
		if Fold(Fold(a)) != Fold(a) {
			t.Fatalf("%q folds to %q and then to %q", a, Fold(a), Fold(Fold(a)))
		}
	})
}
