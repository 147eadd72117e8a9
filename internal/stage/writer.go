package stage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/wire"
)

// ChunkBytes is the size of rows at which a chunk is full, though it may hold more of them. It bounds the memory of a
// worker whatever the rows hold.
const ChunkBytes = 1 << 20

// Attempt is one attempt of a step of a run.
type Attempt struct {
	Store  Store
	Run    uuid.UUID
	Number int              // from 1
	Began  time.Time        // when the attempt began
	Now    func() time.Time // the clock
}

// Claim claims a stage for the attempt. With resume it keeps the chunks and the cursor of earlier attempts, else it
// drops them. It returns no writer for a sealed stage. The error wraps ledger.ErrSuperseded if a later attempt has
// the stage.
func (a Attempt) Claim(ctx context.Context, name string, resume bool) (*Writer, ledger.Stage, error) {
	w := a.writer(name)
	claimed, err := w.claim(ctx, resume)
	if err != nil {
		return nil, ledger.Stage{}, err
	}
	if claimed.Sealed {
		return nil, claimed, nil
	}
	w.next = claimed.Chunks
	return w, claimed, nil
}

// Open is Claim for a step that may have nothing to write. A first attempt claims the stage with its first chunk,
// because there is no earlier attempt to fence off or resume. A later attempt claims it at once, because an earlier
// one may still be running.
func (a Attempt) Open(ctx context.Context, name string, resume bool) (*Writer, ledger.Stage, error) {
	if a.Number > 1 {
		return a.Claim(ctx, name, resume)
	}
	return a.writer(name), ledger.Stage{}, nil
}

// Seal seals a stage without chunks.
func (a Attempt) Seal(ctx context.Context, name string, summary any) error {
	return a.writer(name).Seal(ctx, summary)
}

// Write writes the only chunk of a stage. Another stage's seal seals it.
func (a Attempt) Write(ctx context.Context, name string, content any) error {
	w := a.writer(name)
	if err := w.Put(ctx, content, ledger.Progress{}, nil); err != nil {
		return err
	}
	return w.Wait()
}

func (a Attempt) writer(name string) *Writer {
	return &Writer{attempt: a, stage: name, written: a.Began}
}

// Writer adds chunks to one stage. It encodes and writes in the background, in order. It is for one goroutine.
type Writer struct {
	attempt Attempt
	stage   string
	claimed bool
	next    int       // number of the next chunk
	pending []Job     // writes under way, in order
	err     error     // the first error of a write
	written time.Time // when the last chunk or progress was written
}

// Next returns the number of the next chunk.
func (w *Writer) Next() int { return w.next }

func (w *Writer) claim(ctx context.Context, resume bool) (ledger.Stage, error) {
	a := w.attempt
	claimed, err := a.Store.ClaimStage(ctx, a.Run, w.stage, a.Number, resume, a.Began)
	if err != nil {
		return ledger.Stage{}, fmt.Errorf("claim stage %s: %w", w.stage, err)
	}
	w.claimed = true
	return claimed, nil
}

// ensureClaimed claims the stage unless it is claimed.
func (w *Writer) ensureClaimed(ctx context.Context) error {
	if w.claimed {
		return nil
	}
	claimed, err := w.claim(ctx, false)
	if err == nil &&
		claimed.Sealed { // by the same step of an execution that was reset: the next attempt returns its result
		return fault.Interrupted()
	}
	return err
}

// Put adds a chunk. It is encoded and written in the background: the caller must not change content until release
// is called, unless it is nil. An error of the write is returned by a later call.
func (w *Writer) Put(ctx context.Context, content any, progress ledger.Progress, release func()) error {
	w.next++
	return w.PutAt(ctx, w.next-1, content, progress, release)
}

// PutAt is Put with a chunk number, to replace a chunk.
func (w *Writer) PutAt(ctx context.Context, number int, content any, progress ledger.Progress, release func()) error {
	if err := w.waitFor(Parallel() - 1); err != nil {
		return err
	}
	var before Job
	first := len(w.pending) == 0
	if !first {
		before = w.pending[len(w.pending)-1]
	}
	w.pending = append(w.pending, Go(func() error {
		buffer := buffers.Take()
		data, err := wire.Append((*buffer)[:0], content)
		*buffer = data
		if release != nil {
			release()
		}
		if !first {
			if failed := before.Wait(); failed != nil {
				return failed
			}
		}
		if err != nil {
			return fmt.Errorf("encode chunk of %s: %w", w.stage, err)
		}
		if err := w.write(ctx, number, data, progress); err != nil {
			return err
		}
		buffers.Put(buffer)
		return nil
	}))
	return nil
}

// Wait waits until all chunks are written.
func (w *Writer) Wait() error { return w.waitFor(0) }

// waitFor waits until at most the given number of writes are pending.
func (w *Writer) waitFor(most int) error {
	for len(w.pending) > most {
		err := w.pending[0].Wait()
		w.pending, w.err = w.pending[1:], cmp.Or(w.err, err)
	}
	return w.err
}

// progressInterval is how often progress is written without a chunk. The rule that detects stalled steps relies on
// it.
const progressInterval = 10 * time.Second

// Progress writes the progress of the step, unless a chunk or a call did so recently.
func (w *Writer) Progress(ctx context.Context, progress ledger.Progress) error {
	for len(w.pending) > 0 && w.pending[0].Done() {
		_ = w.waitFor(len(w.pending) - 1) // w.err has its error
	}
	if len(w.pending) > 0 || w.err != nil || !w.claimed || w.attempt.Now().Sub(w.written) < progressInterval {
		return w.err
	}
	return w.write(ctx, w.next, nil, progress)
}

// Abandon writes the progress of an attempt that failed before it had written anything, for comparison with the
// next attempt.
func (w *Writer) Abandon(ctx context.Context, progress ledger.Progress) {
	if w.Wait() == nil && !w.claimed {
		_ = w.write(ctx, 0, nil, progress) // the step ends with the error that made it fail
	}
}

func (w *Writer) write(ctx context.Context, number int, data []byte, progress ledger.Progress) error {
	if err := w.ensureClaimed(ctx); err != nil {
		return err
	}
	a := w.attempt
	chunk := ledger.Chunk{Run: a.Run, Stage: w.stage, Attempt: a.Number, Number: number, Data: data}
	if err := a.Store.PutChunk(ctx, chunk, progress); err != nil {
		return fmt.Errorf("write chunk of %s: %w", w.stage, err)
	}
	w.written = a.Now()
	return nil
}

// Seal waits for all writes and seals the stage with a summary, which is encoded as JSON.
func (w *Writer) Seal(ctx context.Context, summary any) error {
	if err := w.Wait(); err != nil {
		return err
	}
	if err := w.ensureClaimed(ctx); err != nil {
		return err
	}
	data, err := json.Marshal(summary)
	if err != nil {
		return fmt.Errorf("encode summary of %s: %w", w.stage, err)
	}
	if err := w.attempt.Store.SealStage(ctx, w.attempt.Run, w.stage, w.attempt.Number, data); err != nil {
		return fmt.Errorf("seal stage %s: %w", w.stage, err)
	}
	return nil
}
