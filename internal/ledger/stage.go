package ledger

import (
	"time"

	"github.com/google/uuid"
)

// Stage is the progress of one step of a run, and the attempt that works at it.
type Stage struct {
	Run        uuid.UUID
	Name       string
	Attempt    int
	Cursor     string    // where to continue after the stored chunks; "" is the beginning
	Chunks     int       // the number of stored chunks, which are numbered from 0
	Rows       int       // the number of the source's rows before Cursor
	Furthest   int       // the highest Rows of any attempt
	ProgressAt time.Time // when Furthest last grew; before that, when the step began
	Sealed     bool      // complete: nothing more is added
	Summary    []byte    // given when it was sealed
}

// Progress is how far an attempt has come.
type Progress struct {
	Cursor string // where to continue after the stored chunks
	Rows   int    // the number of the source's rows before Cursor

	At time.Time // when the attempt came this far; zero: now
}

// Chunk is a piece of a stage, encoded by package wire.
type Chunk struct {
	Run     uuid.UUID
	Stage   string
	Attempt int
	Number  int // from 0
	Data    []byte
}

// Key returns what identifies the chunk.
func (c Chunk) Key() ChunkKey { return ChunkKey{Run: c.Run, Stage: c.Stage, Number: c.Number} }

// ChunkKey identifies a chunk of a tenant. Keys are ordered by run, stage and number. The zero ChunkKey is before all
// others.
type ChunkKey struct {
	Run    uuid.UUID `json:"run"`
	Stage  string    `json:"stage"`
	Number int       `json:"number"`
}
