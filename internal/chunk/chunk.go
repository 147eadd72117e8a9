// Package chunk turns values into compressed bytes and back: the form in which rows wait in the store.
package chunk

import (
	"fmt"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/zstd"
)

// maxSize is the most that a chunk may hold once decompressed; what claims to be larger is damaged.
const maxSize = 1 << 30

// coders are made once: each holds buffers, and both may be used by several goroutines at once.
var coders = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) { //nolint:gochecknoglobals // costly to make, without state
	// Neither can fail: the options are constants.
	encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	decoder, _ := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxSize))
	return encoder, decoder
})

// Encode is v as JSON, compressed. What it returns for equal values is equal, maps aside.
func Encode(v any) ([]byte, error) {
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
	_, decoder := coders()
	plain, err := decoder.DecodeAll(data, nil)
	if err != nil {
		return fmt.Errorf("decode chunk: %w", err)
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("decode chunk: %w", err)
	}
	return nil
}
