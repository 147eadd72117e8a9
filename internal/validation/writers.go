package validation

import (
	"context"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/stage"
)

// rosterWriter writes a roster in chunks.
type rosterWriter struct {
	w       *stage.Writer
	size    int
	pending stage.RosterChunk
	filled  int
	rows    int

	chunks []userChunk
	chunk  userChunk      // that is being filled
	users  []roster.User  // in it
	judged []*judgedChunk // in whose memory they are
}

// absent writes an absent member. departed says whether a row gives the reason, and which. released says that somebody
// else has the email.
func (r *rosterWriter) absent(
	ctx context.Context, member uuid.UUID, departed func(uuid.UUID) (left, outOfScope bool), released bool,
) error {
	r.pending.Absent = append(r.pending.Absent, member)
	switch left, outOfScope := departed(member); {
	case outOfScope:
		r.pending.OutOfScope = append(r.pending.OutOfScope, member)
	case left:
		r.pending.Left = append(r.pending.Left, member)
	}
	if released {
		r.pending.Released = append(r.pending.Released, member)
	}
	return r.fill(ctx, 1)
}

func (r *rosterWriter) kept(ctx context.Context, member uuid.UUID) error {
	r.pending.Kept = append(r.pending.Kept, member)
	return r.fill(ctx, 1)
}

func (r *rosterWriter) listing(ctx context.Context, l stage.Listing) error {
	r.pending.Listings = append(r.pending.Listings, l)
	return r.fill(ctx, 1+len(l.Members))
}

func (r *rosterWriter) fill(ctx context.Context, n int) error {
	if r.filled += n; r.filled < r.size {
		return nil
	}
	return r.flush(ctx)
}

func (r *rosterWriter) flush(ctx context.Context) error {
	if r.filled == 0 {
		return nil
	}
	r.rows += r.filled
	err := r.put(ctx, r.pending, nil)
	r.pending, r.filled = stage.RosterChunk{}, 0
	return err
}

func (r *rosterWriter) put(ctx context.Context, chunk stage.RosterChunk, release func()) error {
	return r.w.Put(ctx, &chunk, ledger.Progress{Rows: r.rows}, release)
}

// issueWriter writes issues in chunks.
type issueWriter struct {
	w       *stage.Writer
	source  roster.Source
	size    int
	pending []roster.Issue
	bytes   int // of the values in pending
	count   int
}

// issueBytes limits the values in a chunk of issues: rows may have long ones.
const issueBytes = 1 << 20

func (i *issueWriter) add(ctx context.Context, issues ...roster.Issue) error {
	for _, issue := range issues {
		i.pending = append(i.pending, i.source.Advise(issue))
		for _, value := range issue.Values {
			i.bytes += len(value.Text)
		}
	}
	if len(i.pending) < i.size && i.bytes < issueBytes {
		return nil
	}
	return i.flush(ctx)
}

func (i *issueWriter) flush(ctx context.Context) error {
	if len(i.pending) == 0 {
		return nil
	}
	i.count += len(i.pending)
	err := i.w.Put(ctx, i.pending, ledger.Progress{Rows: i.count}, nil)
	i.pending, i.bytes = nil, 0
	return err
}

// close writes the remaining issues, and waits until all are stored. The stage of issues isn't sealed: the roster's
// seal covers it.
func (i *issueWriter) close(ctx context.Context) error {
	if err := i.flush(ctx); err != nil {
		return err
	}
	return i.w.Wait()
}
