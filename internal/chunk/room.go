package chunk

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
)

// Room is memory that chunks are read in, one after the other. Each takes the place of the one before: no text of that
// may be in use any more. The zero Room is ready.
type Room struct {
	plain  []byte
	reader Reader
}

// Decode is the function Decode, in the room as far as v unpacks itself.
func (room *Room) Decode(data []byte, v any) error {
	plain, packed, err := decompressed(room.plain, data)
	switch {
	case err == nil && packed:
		room.plain = plain
		err = room.unpack(v)
	case err == nil:
		err = json.Unmarshal(plain, v)
	}
	if err != nil {
		return fmt.Errorf("decode chunk: %w", err)
	}
	return nil
}

func (room *Room) unpack(v any) error {
	into, ok := v.(Unpacked)
	if !ok {
		return errors.New("it is packed, and what it should become isn't")
	}
	r := &room.reader
	*r = Reader{data: room.plain, texts: r.texts[:0]}
	into.Unpack(r)
	return r.err()
}
