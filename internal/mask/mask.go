// Package mask hides personal values but shows their form: the length, the kind of characters, and the first letters.
// Use it for terminals and tickets. It is not anonymisation.
package mask

import (
	"strings"
	"unicode"

	"github.com/rollcall/rollcall/internal/roster"
)

// Dot replaces a letter, and Digit replaces a digit.
const (
	Dot   = '•'
	Digit = '#'
)

// MaxLength limits the length of a masked value in characters.
const MaxLength = 40

// publicFields are the fields whose values many people share, so that they identify nobody.
var publicFields = map[roster.Field]bool{
	roster.ManagementLevel: true, roster.Role: true, roster.PeopleManager: true, roster.Locale: true,
	roster.Status: true,
	roster.Groups: true,
}

// Public reports whether values of a field are shown unmasked.
func Public(f roster.Field) bool { return publicFields[f] }

// Value returns the value of a field for display. It is masked unless the field is public.
func Value(f roster.Field, value string) string {
	if Public(f) {
		return shorten(value)
	}
	return Text(value)
}

// Text returns text with each letter replaced by Dot and each digit by Digit. It keeps the first letter of words with
// more than two characters, spaces and punctuation, and the top-level domain of an email.
func Text(text string) string {
	body, end := text, ""
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		if dot := strings.LastIndexByte(text, '.'); dot > at {
			body, end = text[:dot], text[dot:]
		}
	}
	var masked strings.Builder
	word := []rune{}
	flush := func() {
		for i, r := range word {
			switch {
			case unicode.IsDigit(r):
				masked.WriteRune(Digit)
			case i == 0 && len(word) > 2:
				masked.WriteRune(r)
			default:
				masked.WriteRune(Dot)
			}
		}
		word = word[:0]
	}
	for _, r := range body {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			word = append(word, r)
			continue
		}
		flush()
		masked.WriteRune(r)
	}
	flush()
	return shorten(masked.String() + end)
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > MaxLength {
		return string(runes[:MaxLength-1]) + "…"
	}
	return text
}
