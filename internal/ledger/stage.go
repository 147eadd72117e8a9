package ledger

import (
	"time"

	"github.com/google/uuid"
)

// Stage is one step's place in the store: chunks numbered from 0, and how far the step has come.
type Stage struct {
	Run        uuid.UUID
	Name       string
	Attempt    int
	Cursor     string
	Chunks     int
	Rows       int
	Furthest   int       // the most rows that any attempt told of
	ProgressAt time.Time // when that grew last
	Sealed     bool
	Summary    []byte
}

// Chunk is one piece of a stage.
type Chunk struct {
	Run     uuid.UUID
	Stage   string
	Attempt int
	Number  int
	Data    []byte // empty: there is only progress to tell
}

// Progress is how far a stage has come with a chunk.
type Progress struct {
	Cursor string
	Rows   int // from the very beginning

	At time.Time // when it came so far; zero: now
}

// Place is where a chunk is kept. The zero Place is before all.
type Place struct {
	Run    uuid.UUID `json:"run"`
	Stage  string    `json:"stage"`
	Number int       `json:"number"`
}
