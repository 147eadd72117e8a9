package ledger

import (
	"time"

	"github.com/google/uuid"
)

// Stage is how far a run has come with one of its steps: what it has read or worked out, and which attempt is at it.
type Stage struct {
	Run        uuid.UUID
	Name       string
	Attempt    int
	Cursor     string    // where to go on, after what is kept; "" is the beginning
	Chunks     int       // how many are kept, numbered from 0
	Rows       int       // how many rows of the source are behind Cursor
	Furthest   int       // the most rows that any attempt came to
	ProgressAt time.Time // when Furthest grew last; at first, when the step began
	Sealed     bool      // complete: nothing more is added
	Summary    []byte    // given when it was sealed
}

// Progress is how far an attempt has come.
type Progress struct {
	Cursor string // where to go on after what is kept
	Rows   int    // rows of the source behind Cursor, from the very beginning

	At time.Time // when it came so far; zero: now
}

// Chunk is a piece of a stage, encoded by package chunk.
type Chunk struct {
	Run     uuid.UUID
	Stage   string
	Attempt int
	Number  int // from 0
	Data    []byte
}

// Place is where a chunk is kept. The zero Place is before all.
type ChunkKey struct {
	Run    uuid.UUID `json:"run"`
	Stage  string    `json:"stage"`
	Number int       `json:"number"`
}
