// Package scan finds the end of a JSON value without decoding it, several times as fast as a decoder.
//
// Each function takes the offset where a value starts and returns the offset after it. It returns CutOff if the
// data end before the value does, and Invalid if the data aren't JSON or are nested too deeply. A decoder can then
// say what is wrong.
//
// Law: a value with an end here is a value for jsontext, with duplicate names and invalid UTF-8 allowed.
package scan

import (
	"encoding/binary"
	"math/bits"
)

// Results that are no offset.
const (
	CutOff  = -1 // the data end too early
	Invalid = -2 // not JSON, or nested too deeply
)

// maxNesting is a little less than jsontext's limit, so that everything accepted here is accepted there.
const maxNesting = 9_990

// Whole reports whether data are one object, with nothing but white space around it.
func Whole(data []byte) bool {
	at := Space(data, 0)
	if at == len(data) || data[at] != '{' {
		return false
	}
	end := Object(data, at)
	return end > 0 && Space(data, end) == len(data)
}

// Object reads an object that starts at its brace.
func Object(data []byte, at int) int { return object(data, at, 0) }

// Value reads any value.
func Value(data []byte, at int) int { return value(data, at, 0) }

// SimpleString reads a string without escapes. Any other value is Invalid or CutOff.
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

// Space returns the offset of the next byte that isn't white space.
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

// object reads an object that starts at its brace.
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

// array reads an array that starts at its bracket.
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

// number reads a number. A number at the end of the data is CutOff, because it may continue.
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

// digits reads one or more digits.
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

// text reads a string from after its first quote.
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

// nextSpecial returns the offset of the next quote, backslash or control character. It reads eight bytes at a time.
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

// special marks the quotes, backslashes and control characters in eight bytes. Only the lowest mark is reliable.
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
