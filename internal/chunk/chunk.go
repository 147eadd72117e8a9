// Package chunk turns values into compressed bytes and back: the form in which rows wait in the store.
//
// What comes in great numbers packs itself (Packed): it is read and written several times on its way, and JSON would be
// most of a sync's work. All else is JSON. The first byte tells which.
package chunk

import (
	"encoding/binary"
	"errors"
	"fmt"
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

// Packed packs and unpacks itself.
type Packed interface {
	Pack(w *Writer)
	Unpack(r *Reader)
}

// coders are made once: each holds buffers, and both may be used by several goroutines at once.
var coders = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) { //nolint:gochecknoglobals // costly to make, without state
	// Neither can fail: the options are constants.
	encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	decoder, _ := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxSize))
	return encoder, decoder
})

// packers are Writers that have grown.
var packers = sync.Pool{New: func() any { return new(Writer) }} //nolint:gochecknoglobals // memory only

// Encode is v, packed or as JSON, compressed. What it returns for equal values is equal, maps aside.
func Encode(v any) ([]byte, error) {
	if packed, ok := v.(Packed); ok {
		w := packers.Get().(*Writer) //nolint:errcheck,forcetypeassert // nothing else is in there
		defer packers.Put(w)
		w.data = w.data[:0]
		packed.Pack(w)
		return pack(w.data), nil
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode chunk: %w", err)
	}
	encoder, _ := coders()
	return encoder.EncodeAll(plain, make([]byte, 0, len(plain)/4)), nil
}

// Decode reads into v, a pointer, what Encode made. Nothing but Encode's own bytes is accepted: a chunk cut short or
// damaged is an error.
func Decode(data []byte, v any) error {
	plain, packed, err := decompressed(data)
	switch {
	case err == nil && packed:
		err = unpack(plain, v)
	case err == nil:
		err = json.Unmarshal(plain, v)
	}
	if err != nil {
		return fmt.Errorf("decode chunk: %w", err)
	}
	return nil
}

// Plain is what a chunk holds, decompressed, for who looks for a text in it.
func Plain(data []byte) ([]byte, error) {
	plain, _, err := decompressed(data)
	if err != nil {
		return nil, fmt.Errorf("decode chunk: %w", err)
	}
	return plain, nil
}

func decompressed(data []byte) (plain []byte, packed bool, err error) {
	if len(data) > 0 && data[0] == packedMark {
		plain, err = unpacked(data)
		return plain, true, err
	}
	_, decoder := coders()
	plain, err = decoder.DecodeAll(data, nil)
	return plain, false, err
}

// pack compresses what was packed. The caller's memory isn't kept.
func pack(plain []byte) []byte {
	room := make([]byte, packedHead+s2.MaxEncodedLen(len(plain)))
	room[0] = packedMark
	binary.LittleEndian.PutUint64(room[1:], xxh3.Hash(plain))
	return room[:packedHead+len(s2.Encode(room[packedHead:], plain))]
}

// unpacked is what pack was given.
func unpacked(data []byte) ([]byte, error) {
	if len(data) < packedHead {
		return nil, errCut
	}
	switch size, err := s2.DecodedLen(data[packedHead:]); {
	case err != nil:
		return nil, err
	case size > maxSize:
		return nil, errors.New("it claims to be larger than a chunk can be")
	}
	plain, err := s2.Decode(nil, data[packedHead:])
	if err == nil && xxh3.Hash(plain) != binary.LittleEndian.Uint64(data[1:]) {
		err = errors.New("it is damaged")
	}
	return plain, err
}

func unpack(plain []byte, v any) error {
	into, ok := v.(Packed)
	if !ok {
		return errors.New("it is packed, and what it should become isn't")
	}
	r := &Reader{data: plain}
	into.Unpack(r)
	return r.err()
}
