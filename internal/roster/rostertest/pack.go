package rostertest

import (
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/wire"
)

// Texts draws a list of strings, or nil if it has none, as unpacking returns.
func Texts(t *rapid.T, least, most int) []string {
	if list := rapid.SliceOfN(rapid.String(), least, most).Draw(t, "texts"); len(list) > 0 {
		return list
	}
	return nil
}

// Bytes16 draws the bytes of a hash or an id.
func Bytes16(t *rapid.T) (b [16]byte) {
	copy(b[:], rapid.SliceOfN(rapid.Byte(), 0, len(b)).Draw(t, "bytes"))
	return b
}

// RoundTrip encodes a value with package wire and returns the decoded copy. It fails t on an error.
func RoundTrip[T any](t *rapid.T, want T) (have T) {
	data, err := wire.Encode(&want)
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.Decode(data, &have); err != nil {
		t.Fatal(err)
	}
	return have
}
