// Package mask shows what a personal value looks like without showing it: how long it is, how it is written, where it
// begins. It is for a terminal in a call with the customer, and for a ticket; it is no anonymisation.
package mask

import (
	"strings"
	"unicode"

	"github.com/rollcall/rollcall/internal/roster"
)

// Dot stands for a letter that is not shown, and Digit for a digit.
const (
	Dot   = '•'
	Digit = '#'
)

// MaxLength is how many characters of a value are shown in all.
const MaxLength = 40

// publicFields are the fields whose values say nothing about a person that their colleagues don't share: few, or from a closed list.
var publicFields = map[roster.Field]bool{
	roster.ManagementLevel: true, roster.Role: true, roster.PeopleManager: true, roster.Locale: true, roster.Status: true,
	roster.Groups: true,
}

// Public tells whether values of a field are shown as they are.
func Public(f roster.Field) bool { return publicFields[f] }

// Value is the value of a field as it may be shown: masked, unless the field is an open one.
func Value(f roster.Field, value string) string {
	if Public(f) {
		return shorten(value)
	}
	return Text(value)
}

// Text is text with every letter but the first of a word replaced by Dot and every digit by Digit. Words of one or two
// letters show none; marks of punctuation, and the spaces, stay. The last part of a domain is shown, for it is no one's own.
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
