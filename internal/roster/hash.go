package roster

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"

	"github.com/zeebo/xxh3"
)

// Hash is a 128-bit xxh3 hash. The zero Hash means none.
type Hash [16]byte

// HashBytes returns the hash of data. It never returns the zero Hash.
func HashBytes(data []byte) Hash {
	h := Hash(xxh3.Hash128(data).Bytes())
	if h == (Hash{}) {
		h[15] = 1
	}
	return h
}

// HashTexts returns the hash of a list of texts, each with its length.
func HashTexts(texts ...string) Hash {
	var all strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&all, "%d:%s", len(text), text)
	}
	return HashBytes([]byte(all.String()))
}

// Plus returns the sum of two hashes modulo 2^128. The sum over a set of hashes doesn't depend on their order, so
// it serves as the digest of a set of rows.
func (h Hash) Plus(other Hash) Hash {
	low, carry := bits.Add64(binary.BigEndian.Uint64(h[8:]), binary.BigEndian.Uint64(other[8:]), 0)
	high, _ := bits.Add64(binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(other[:8]), carry)
	var sum Hash
	binary.BigEndian.PutUint64(sum[:8], high)
	binary.BigEndian.PutUint64(sum[8:], low)
	return sum
}

// Key returns a 64-bit hash of a normalised identity: an external id or an email. Only "" has key 0. Two texts
// share a key once in 2^64, so compare the texts before acting on a match.
func Key(text string) uint64 {
	if text == "" {
		return 0
	}
	if key := xxh3.HashString(text); key != 0 {
		return key
	}
	return 1
}
