// Package scan reads JSON for its ends only, without decoding it: several times as fast as a decoder, where what must be known is
// that a value is whole and where it ends.
//
// Each function returns the place after what it read, CutOff where the data end before it does, or Odd for what isn't JSON,
// or too deep: whether it is, and what is wrong, is for a decoder to say. Its law: what has an end here is what jsontext takes
// for a value, with duplicate names and broken UTF-8 let pass.
package scan

import (
	"encoding/binary"
	"math/bits"
)

// What stands for no place.
const (
	CutOff  = -1
	Invalid = -2
)

// maxNesting is a little less than jsontext's, so that nothing passes here which doesn't there.
const maxNesting = 9_990

// Whole tells whether data are one object, with nothing but white space around it.
func Whole(data []byte) bool {
	at := Space(data, 0)
	if at == len(data) || data[at] != '{' {
		return false
	}
	end := Object(data, at)
	return end > 0 && Space(data, end) == len(data)
}

// Object reads an object from its brace on.
func Object(data []byte, at int) int { return object(data, at, 0) }

// Value reads any value.
func Value(data []byte, at int) int { return value(data, at, 0) }

// Plain reads a string without escapes, as most are; anything else is Odd, or CutOff.
func SimpleString(data []byte, at int) int {
	if at == len(data) {
		return CutOff
	}
	if data[at] != '"' {
		return Invalid
	}
	if at = nextSpecial(data, at+1); at == len(data) {
		return CutOff
	}
	if data[at] != '"' {
		return Invalid
	}
	return at + 1
}

// Space is the place of the next byte that isn't white space.
func Space(data []byte, at int) int {
	if at < len(data) && data[at] > ' ' {
		return at
	}
	return space(data, at)
}

func space(data []byte, at int) int {
	for at < len(data) {
		switch data[at] {
		case ' ', '\t', '\r', '\n':
			at++
		default:
			return at
		}
	}
	return at
}

// object reads an object from its brace on.
func object(data []byte, at, depth int) int {
	if depth > maxNesting {
		return Invalid
	}
	for first := true; ; first = false {
		at = Space(data, at+1)
		if at < len(data) && data[at] == '}' && first {
			return at + 1
		}
		if at = name(data, at); at < 0 {
			return at
		}
		if at = value(data, Space(data, at), depth); at < 0 {
			return at
		}
		if at = Space(data, at); at == len(data) {
			return CutOff
		}
		switch data[at] {
		case '}':
			return at + 1
		case ',':
		default:
			return Invalid
		}
	}
}

// name reads a name and its colon.
func name(data []byte, at int) int {
	if at == len(data) {
		return CutOff
	}
	if data[at] != '"' {
		return Invalid
	}
	if at = text(data, at+1); at < 0 {
		return at
	}
	if at = Space(data, at); at == len(data) {
		return CutOff
	}
	if data[at] != ':' {
		return Invalid
	}
	return at + 1
}

// array reads an array from its bracket on.
func array(data []byte, at, depth int) int {
	if depth > maxNesting {
		return Invalid
	}
	for first := true; ; first = false {
		at = Space(data, at+1)
		if at < len(data) && data[at] == ']' && first {
			return at + 1
		}
		if at = value(data, at, depth); at < 0 {
			return at
		}
		if at = Space(data, at); at == len(data) {
			return CutOff
		}
		switch data[at] {
		case ']':
			return at + 1
		case ',':
		default:
			return Invalid
		}
	}
}

// value reads any value.
func value(data []byte, at, depth int) int {
	if at == len(data) {
		return CutOff
	}
	switch data[at] {
	case '"':
		return text(data, at+1)
	case '{':
		return object(data, at, depth+1)
	case '[':
		return array(data, at, depth+1)
	case 't':
		return literal(data, at, "true")
	case 'f':
		return literal(data, at, "false")
	case 'n':
		return literal(data, at, "null")
	}
	return number(data, at)
}

func literal(data []byte, at int, name string) int {
	for i := range len(name) {
		switch {
		case at+i == len(data):
			return CutOff
		case data[at+i] != name[i]:
			return Invalid
		}
	}
	return at + len(name)
}

// number reads a number. One that the data end with may go on.
func number(data []byte, at int) int {
	if data[at] == '-' {
		at++
	}
	if at < len(data) && data[at] == '0' {
		at++
	} else if at = digits(data, at); at < 0 {
		return at
	}
	if at < len(data) && data[at] == '.' {
		if at = digits(data, at+1); at < 0 {
			return at
		}
	}
	if at < len(data) && data[at]|0x20 == 'e' {
		if at++; at < len(data) && (data[at] == '+' || data[at] == '-') {
			at++
		}
		if at = digits(data, at); at < 0 {
			return at
		}
	}
	if at == len(data) {
		return CutOff
	}
	return at
}

// digits reads one digit or more.
func digits(data []byte, at int) int {
	from := at
	for at < len(data) && '0' <= data[at] && data[at] <= '9' {
		at++
	}
	switch {
	case at == len(data):
		return CutOff
	case at == from:
		return Invalid
	}
	return at
}

// text reads a string from behind its first quote on.
func text(data []byte, at int) int {
	for {
		if at = nextSpecial(data, at); at == len(data) {
			return CutOff
		}
		switch data[at] {
		case '"':
			return at + 1
		case '\\':
			if at = escape(data, at+1); at < 0 {
				return at
			}
		default:
			return Invalid
		}
	}
}

// within is the place of the next quote, escape or control character, eight bytes at once.
func nextSpecial(data []byte, at int) int {
	for ; at+8 <= len(data); at += 8 {
		if found := special(binary.LittleEndian.Uint64(data[at:])); found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(data) && data[at] != '"' && data[at] != '\\' && data[at] >= ' ' {
		at++
	}
	return at
}

const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// special marks the quotes, backslashes and control characters in eight bytes: the lowest mark is right, those above it
// may not be.
func special(word uint64) uint64 {
	quotes, escapes := word^('"'*ones), word^('\\'*ones)
	return ((quotes-ones) & ^quotes | (escapes-ones) & ^escapes | (word-' '*ones) & ^word) & tops
}

// escape reads what follows a backslash.
func escape(data []byte, at int) int {
	if at == len(data) {
		return CutOff
	}
	switch data[at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return at + 1
	case 'u':
		for i := at + 1; i < at+5; i++ {
			switch {
			case i == len(data):
				return CutOff
			case !hexadecimal(data[i]):
				return Invalid
			}
		}
		return at + 5
	}
	return Invalid
}

func hexadecimal(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
