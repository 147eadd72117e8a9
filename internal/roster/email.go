package roster

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// MaxEmail is the length of the longest deliverable address, in bytes (RFC 5321, erratum 1690).
const MaxEmail = 254

// NormalEmail returns the form in which an email is stored and compared: normal text, NFC, folded to lower case as
// strings.EqualFold compares, with the domain in its ASCII form. ok is false if s isn't a plain address with a dotted
// domain. Plus addresses stay distinct.
func NormalEmail(s string) (email string, ok bool) { return normalEmail(s, new(TextBuffer)) }

// normalEmail is NormalEmail with a buffer for addresses that must be rewritten, as most are.
func normalEmail(s string, buf *TextBuffer) (email string, ok bool) {
	if email, ok = plainEmail(s, buf); ok {
		return email, true
	}
	return generalEmail(s)
}

// plainEmail normalises the common addresses in one pass: a dot-atom at an ASCII domain. ok is false for any other
// text, whether it is an address or not.
func plainEmail(s string, buf *TextBuffer) (email string, ok bool) {
	if len(s) > MaxEmail {
		return "", false
	}
	at, capitals, previous := -1, false, byte('.')
	for i := range len(s) {
		c := s[i]
		switch kind := emailBytes[c]; {
		case kind == anywhere, kind == beforeAt && at < 0:
		case kind == capital:
			capitals = true
		case c == '.' && previous != '.' && previous != '@':
		case c == '@' && at < 0 && previous != '.':
			at = i
		default:
			return "", false
		}
		previous = c
	}
	if at < 0 || !isDottedDomain(s[at+1:]) {
		return "", false
	}
	if capitals {
		return buf.lower(s), true
	}
	return s, true
}

// emailKind says where a byte may stand in a plain address.
type emailKind uint8

const (
	nowhere  emailKind = iota
	anywhere           // lower-case letters, digits, hyphens
	capital            // upper-case letters
	beforeAt           // all other bytes of an atom
)

var emailBytes = func() (kinds [256]emailKind) {
	for c := range kinds {
		switch c := byte(c); {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
			kinds[c] = anywhere
		case 'A' <= c && c <= 'Z':
			kinds[c] = capital
		case isAtomByte(c):
			kinds[c] = beforeAt
		}
	}
	return kinds
}()

// generalEmail normalises any text.
func generalEmail(s string) (email string, ok bool) {
	if email = NormalText(s); !isLowerASCII(email) {
		email = asciiDomain(NormalText(Fold(email)))
	}
	return email, isEmail(email)
}

// EarlierEmail returns the form that NormalEmail gave an email in an earlier release, if that differs, else "". Hashes of
// erased people's emails may be of that form.
func EarlierEmail(s string) string {
	if isLowerASCII(s) {
		return ""
	}
	earlier := NormalText(strings.ToLower(NormalText(s)))
	if now, _ := NormalEmail(s); earlier == now || !isEmail(earlier) {
		return ""
	}
	return earlier
}

// domains converts domains to their ASCII form, as for a lookup (UTS #46).
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// asciiDomain returns an email with its domain in ASCII form, if it has one.
func asciiDomain(email string) string {
	local, domain, found := cutLast(email, '@')
	if !found || isASCII(domain) {
		return email
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil || !isDottedDomain(ascii) { // then it is no email, in any form
		return email
	}
	return local + "@" + ascii
}

// isEmail reports whether normal text is a plain address with a dotted domain.
func isEmail(email string) bool {
	local, domain, found := cutLast(email, '@')
	if !found || len(email) > MaxEmail || !isDottedDomain(domain) {
		return false
	}
	if isDotAtom(local) {
		return true
	}
	if strings.ContainsFunc(email, unusableInEmail) {
		return false
	}
	// Quoted and international local parts remain: net/mail judges them. If it spells the address differently, the
	// text had a display name, a comment or angle brackets.
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Name != "" {
		return false
	}
	return parsed.Address == email || (&mail.Address{Address: parsed.Address}).String() == "<"+email+">"
}

// unusableInEmail reports whether r can't be seen or typed.
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

// isDotAtom reports whether s is an ASCII local part that needs no quotes.
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

// isDottedDomain reports whether s has at least two valid labels, and the last isn't a number.
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

// isLabel reports whether s is 1 to 63 bytes of letters, digits and inner hyphens. Letters of any script are valid,
// because an international domain may be written as it is displayed.
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
