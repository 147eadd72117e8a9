// Package chunk turns values into compressed bytes and back: the form in which rows wait in the store.
//
// What comes in great numbers packs itself (Packed, Unpacked): it is read and written several times on its way, and JSON would be
// most of a sync's work. All else is JSON. The first byte tells which.
package chunk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

// maxSize is the most that a chunk may hold once decompressed; what claims to be larger is damaged.
const maxSize = 1 << 30

// packedMark begins a chunk of what packs itself: then come the hash of what was packed, and that as an S2 block, which is
// made in a third of zstd's time and a fifth larger. No zstd frame, as which all others begin, has it. What is packed
// differently one day begins with another.
const packedMark = 0x02

const packedHead = 1 + 8

// Packed packs itself.
type Packed interface{ Pack(w *Writer) }

// Unpacked unpacks what packed itself. It may put that into memory that it has.
type Unpacked interface{ Unpack(r *Reader) }

// coders are made once: each holds buffers, and both may be used by several goroutines at once.
var coders = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) { //nolint:gochecknoglobals // costly to make, without state
	// Neither can fail: the options are constants.
	encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	decoder, _ := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxSize))
	return encoder, decoder
})

// Encode is v, packed or as JSON, compressed. What it returns for equal values is equal, maps aside.
func Encode(v any) ([]byte, error) { return Append(nil, v) }

// Append appends to to what Encode gives.
func Append(to []byte, v any) ([]byte, error) {
	if packed, ok := v.(Packed); ok {
		w := Blank()
		defer w.Release()
		packed.Pack(w)
		return pack(to, w.data), nil
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return to, fmt.Errorf("encode chunk: %w", err)
	}
	encoder, _ := coders()
	return encoder.EncodeAll(plain, to), nil
}

// Decode reads into v, a pointer, what Encode made. Nothing but Encode's own bytes is accepted: a chunk cut short or
// damaged is an error. The bytes themselves are no longer needed then.
func Decode(data []byte, v any) error { return new(Room).Decode(data, v) }

// Plain is what a chunk holds, decompressed, for who looks for a text in it.
func Plain(data []byte) ([]byte, error) {
	plain, _, err := decompressed(nil, data)
	if err != nil {
		return nil, fmt.Errorf("decode chunk: %w", err)
	}
	return plain, nil
}

// decompressed is what a chunk holds, in room if it is large enough.
func decompressed(room, data []byte) (plain []byte, packed bool, err error) {
	if len(data) > 0 && data[0] == packedMark {
		plain, err = unpacked(room, data)
		return plain, true, err
	}
	_, decoder := coders()
	plain, err = decoder.DecodeAll(data, nil)
	return plain, false, err
}

// pack appends what was packed, compressed. The caller's plain isn't kept.
func pack(to, plain []byte) []byte {
	at := len(to) + packedHead
	to = slices.Grow(to, packedHead+s2.MaxEncodedLen(len(plain)))
	to = binary.LittleEndian.AppendUint64(append(to, packedMark), xxh3.Hash(plain))
	return to[:at+len(s2.Encode(to[at:cap(to)], plain))]
}

// unpacked is what pack was given.
func unpacked(room, data []byte) ([]byte, error) {
	if len(data) < packedHead {
		return nil, errCut
	}
	size, err := s2.DecodedLen(data[packedHead:])
	switch {
	case err != nil:
		return nil, err
	case size > maxSize:
		return nil, errors.New("it claims to be larger than a chunk can be")
	}
	plain, err := s2.Decode(slices.Grow(room[:0], size)[:size], data[packedHead:])
	if err == nil && xxh3.Hash(plain) != binary.LittleEndian.Uint64(data[1:]) {
		err = errors.New("it is damaged")
	}
	return plain, err
}
