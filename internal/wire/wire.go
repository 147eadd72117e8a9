package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/s2"
	"github.com/zeebo/xxh3"
)

// Version is the version of the format that this release writes.
const Version = 1

// The codings.
const (
	asRecords = 'r'
	asJSON    = 'j'
)

const (
	headerSize = 1 + 1 + 8
	// maxSize is the maximal size of a decompressed value. A larger one is damaged.
	maxSize = 1 << 30
)

// Packed is a value that writes itself as records.
type Packed interface{ Pack(w *Writer) }

// Unpacked is a value that reads what Pack wrote. It may reuse its memory.
type Unpacked interface{ Unpack(r *Reader) }

// VersionError says that a newer release wrote a value.
type VersionError struct {
	Version byte // version of the value
	Known   byte // latest version that this release reads
}

// Error names both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("stored in format version %d, but this release reads versions up to %d: "+
		"run the release that wrote it or a later one", e.Version, e.Known)
}

// Encode returns the stored form of v: records if v is Packed, else JSON. Equal values give equal bytes, except
// maps.
func Encode(v any) ([]byte, error) { return Append(nil, v) }

// Append appends the stored form of v to a slice.
func Append(to []byte, v any) ([]byte, error) {
	if packed, ok := v.(Packed); ok {
		w := NewWriter()
		defer w.Release()
		packed.Pack(w)
		return seal(to, asRecords, w.data), nil
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return to, fmt.Errorf("encode: %w", err)
	}
	return seal(to, asJSON, plain), nil
}

// Decode decodes into v, a pointer, what Encode returned. It returns a *VersionError for a newer version, and
// another error for damaged bytes or another coding. v doesn't refer to data.
func Decode(data []byte, v any) error { return new(Buffer).Decode(data, v) }

// Content returns the decompressed content of a stored value, to search it for a text.
func Content(data []byte) ([]byte, error) {
	_, plain, err := open(nil, data)
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return plain, nil
}

// Buffer holds the memory of decoded values. Each Decode makes the texts of the previous value invalid. The zero
// Buffer is ready to use.
type Buffer struct {
	plain  []byte
	reader Reader
}

// Decode is the function Decode, but a value that is Unpacked refers to the buffer.
func (b *Buffer) Decode(data []byte, v any) error {
	coding, plain, err := open(b.plain, data)
	if err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	b.plain = plain
	into, unpacks := v.(Unpacked)
	switch {
	case unpacks != (coding == asRecords):
		err = errors.New("unexpected coding")
	case unpacks:
		r := &b.reader
		*r = Reader{data: plain, texts: r.texts[:0]}
		into.Unpack(r)
		err = r.end()
	default:
		err = json.Unmarshal(plain, v)
	}
	if err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}

// seal appends plain with its header.
func seal(to []byte, coding byte, plain []byte) []byte {
	at := len(to) + headerSize
	to = slices.Grow(to, headerSize+s2.MaxEncodedLen(len(plain)))
	to = binary.LittleEndian.AppendUint64(append(to, Version, coding), xxh3.Hash(plain))
	return to[:at+len(s2.Encode(to[at:cap(to)], plain))]
}

// open reverses seal. The content is in buffer if it fits.
func open(buffer, data []byte) (coding byte, plain []byte, err error) {
	switch {
	case len(data) == 0:
		return 0, nil, errMalformed
	case data[0] > Version:
		return 0, nil, &VersionError{data[0], Version}
	case data[0] == 0, len(data) < headerSize, data[1] != asRecords && data[1] != asJSON:
		return 0, nil, errMalformed
	}
	size, err := s2.DecodedLen(data[headerSize:])
	switch {
	case err != nil:
		return 0, nil, err
	case size > maxSize:
		return 0, nil, errors.New("too large")
	}
	plain, err = s2.Decode(slices.Grow(buffer[:0], size)[:size], data[headerSize:])
	if err == nil && xxh3.Hash(plain) != binary.LittleEndian.Uint64(data[2:]) {
		err = errors.New("checksum mismatch")
	}
	return data[1], plain, err
}
