package roster

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxEmail is the longest address that mail can be sent to, in bytes (RFC 5321, erratum 1690).
const maxEmail = 254

// NormalEmail is the form in which an email is kept and compared: normal text, lower case, NFC. ok is false for what
// is no plain address with a dotted domain. Plus-addresses are addresses of their own.
func NormalEmail(s string) (email string, ok bool) {
	email = NormalText(s)
	if !isLowerASCII(email) {
		email = NormalText(strings.ToLower(email))
	}
	local, domain, found := cutLast(email, '@')
	if !found || len(email) > maxEmail || !isDottedDomain(domain) {
		return email, false
	}
	if isDotAtom(local) {
		return email, true
	}
	if strings.ContainsFunc(email, unusableInEmail) {
		return email, false
	}
	// What is left are quoted and international local parts, for net/mail to judge. An address that it spells
	// otherwise came with a display name, a comment or angle brackets.
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Name != "" {
		return email, false
	}
	return email, parsed.Address == email || (&mail.Address{Address: parsed.Address}).String() == "<"+email+">"
}

// unusableInEmail finds what can't be seen or typed.
func unusableInEmail(r rune) bool {
	return r == ' ' || r == utf8.RuneError || kindOf(r) != visibleRune
}

func isLowerASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

func cutLast(s string, separator byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, separator); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// isDotAtom tells whether s is an ASCII local part that needs no quotes.
func isDotAtom(s string) bool {
	previous := byte('.')
	for i := range len(s) {
		c := s[i]
		if c == '.' && previous == '.' || c != '.' && !isAtomByte(c) {
			return false
		}
		previous = c
	}
	return previous != '.'
}

func isAtomByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' ||
		strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// isDottedDomain tells whether s is at least two valid labels, the last of which is no number.
func isDottedDomain(s string) bool {
	labels := 0
	for rest, more := s, true; more; labels++ {
		var label string
		label, rest, more = strings.Cut(rest, ".")
		if !isLabel(label) || !more && isNumber(label) {
			return false
		}
	}
	return labels > 1
}

// isLabel tells whether s is 1 to 63 bytes of letters, digits and, between them, hyphens. Letters of any script are
// valid: an international domain may be written as it is read.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i, r := range s {
		switch {
		case r == '-', '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		case r < utf8.RuneSelf, r == utf8.RuneError:
			return false
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && (i == 0 || !unicode.Is(unicode.M, r)):
			return false
		}
	}
	return isASCII(s) || norm.NFC.IsNormalString(s)
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
