package roster

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NormalText returns the form in which text is stored: valid UTF-8 in NFC, trimmed, without control characters, and
// with each inner run of white space as one space. Trimming also removes zero-width and no-break spaces and
// invisible marks. Law: NormalText(NormalText(s)) is NormalText(s).
func NormalText(s string) string {
	text, _ := normalText(s)
	return text
}

// normalText is NormalText. plain says that s is printable ASCII, so no character is damaged.
func normalText(s string) (text string, plain bool) {
	if isPlain(s) {
		return s, true
	}
	var b strings.Builder
	b.Grow(len(s))
	// Invisible marks such as joiners matter between letters and not at an edge. They wait here for the next letter.
	var pending []rune
	space := false
	for _, r := range strings.ToValidUTF8(s, string(utf8.RuneError)) {
		switch kindOf(r) {
		case spaceRune:
			space, pending = true, pending[:0]
		case droppedRune:
		case markRune:
			if b.Len() > 0 && !space {
				pending = append(pending, r)
			}
		default:
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			for _, mark := range pending {
				b.WriteRune(mark)
			}
			b.WriteRune(r)
			space, pending = false, pending[:0]
		}
	}
	return norm.NFC.String(b.String()), false
}

// isPlain reports whether s is printable ASCII in normal form, as most text is.
func isPlain(s string) bool {
	previous := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && previous == ' ' {
			return false
		}
		previous = c
	}
	return s == "" || previous != ' '
}

// Blank reports whether NormalText of s is "".
func Blank(s []byte) bool {
	if len(s) > 0 && s[0] > ' ' && s[0] < '\x7f' {
		return false // the usual case
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		if kindOf(r) == visibleRune {
			return false
		}
		s = s[size:]
	}
	return true
}

// damaged reports whether s has replacement characters for lost ones.
func damaged(s string) bool { return !isASCII(s) && strings.ContainsRune(s, utf8.RuneError) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

type runeKind uint8

const (
	visibleRune runeKind = iota
	spaceRune
	droppedRune // control characters and zero-width spaces: always dropped
	markRune    // joiners, direction marks and the like: kept only inside a word
)

func kindOf(r rune) runeKind {
	switch {
	case r < utf8.RuneSelf && r > ' ' && r != '\x7f':
		return visibleRune
	case unicode.IsSpace(r):
		return spaceRune
	case unicode.IsControl(r), r == '\u200b', r == '\u2060', r == '\ufeff', r == '\u180e':
		return droppedRune
	case unicode.Is(unicode.Cf, r), r == '\u034f', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0',
		r == '\u2800':
		return markRune
	}
	return visibleRune
}

// fold returns the form in which names and spellings are compared: letters and digits only, in lower case.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(s))
}

// Fold returns text by simple case folding: texts that strings.EqualFold equates have the same form, in lower case.
func Fold(text string) string {
	if isLowerASCII(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return unicode.ToLower(least)
	}, text)
}
