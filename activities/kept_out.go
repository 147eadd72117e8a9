package activities

import (
	"context"
	"fmt"
	"iter"

	"github.com/rollcall/rollcall/internal/roster"
)

// known yields the rows without whoever is kept out: also whoever is only since they were read.
func (v *validation) known(pieces iter.Seq2[usersChunk, error]) iter.Seq2[usersChunk, error] {
	if v.redact == nil {
		return pieces
	}
	return func(yield func(usersChunk, error) bool) {
		for piece, err := range pieces {
			for i, row := range piece.Rows {
				piece.Rows[i] = v.redact.Row(row)
			}
			if !yield(piece, err) {
				return
			}
		}
	}
}

// learn keeps by what else whoever is kept out will be known again. A preview keeps nothing.
func (f *usersFetch) learn(ctx context.Context) error {
	marks := f.decoder.redact.Learned()
	if len(marks) == 0 || f.round.Preview {
		return nil
	}
	if err := f.a.Erasures.Learn(ctx, f.round.Tenant, marks); err != nil {
		return fmt.Errorf("keep what was learned of who is kept out: %w", err)
	}
	return nil
}

// keepOut lists a row of somebody who is kept out: by its number, as nothing else is left of it.
func (v *validation) keepOut(ctx context.Context, row int) error {
	v.result.Rows.Rejected++
	return v.issues.add(ctx, roster.CodeErased.Of(roster.Identity{Row: row}, roster.NoField))
}
