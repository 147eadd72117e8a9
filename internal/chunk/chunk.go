// Package chunk turns values into compressed bytes and back: the form in which rows wait in the store.
//
// What comes in great numbers packs itself (Packed): it is read and written several times on its way, and JSON would be
// most of a sync's work. All else is JSON. The first byte tells which.
package chunk

import (
	"errors"
	"fmt"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/zstd"
)

// maxSize is the most that a chunk may hold once decompressed; what claims to be larger is damaged.
const maxSize = 1 << 30

// packedMark begins a chunk of what packs itself. No zstd frame, as which all others begin, has it. What is packed
// differently one day begins with another.
const packedMark = 0x01

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
	encoder, _ := coders()
	if packed, ok := v.(Packed); ok {
		w := packers.Get().(*Writer) //nolint:errcheck,forcetypeassert // nothing else is in there
		defer packers.Put(w)
		w.data = w.data[:0]
		packed.Pack(w)
		return encoder.EncodeAll(w.data, append(make([]byte, 0, len(w.data)/3), packedMark)), nil
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode chunk: %w", err)
	}
	return encoder.EncodeAll(plain, make([]byte, 0, len(plain)/4)), nil
}

// Decode reads into v, a pointer, what Encode made. Nothing but Encode's own bytes is accepted: a chunk cut short or
// damaged is an error.
func Decode(data []byte, v any) error {
	_, decoder := coders()
	packed := len(data) > 0 && data[0] == packedMark
	if packed {
		data = data[1:]
	}
	plain, err := decoder.DecodeAll(data, nil)
	if err != nil {
		return fmt.Errorf("decode chunk: %w", err)
	}
	if !packed {
		err = json.Unmarshal(plain, v)
	} else {
		err = unpack(plain, v)
	}
	if err != nil {
		return fmt.Errorf("decode chunk: %w", err)
	}
	return nil
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
