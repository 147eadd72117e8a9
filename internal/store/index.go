package store

import (
	"context"
	"iter"
	"time"

	"github.com/rollcall/rollcall/internal/index"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Index is the tenant's index: an entry for each member, in the order of their ids. Who departed before gone is
// roster.StateGone. It is read from its parts, which do not show edits by hand; fromMembers, it is read from the members.
func (s *Store) Index(ctx context.Context, tenant string, departedBefore time.Time, fromMembers bool) iter.Seq2[roster.Entry, error] {
	members := s.indexOfMembers(ctx, tenant, departedBefore)
	if fromMembers {
		return members
	}
	before := database.Micros(departedBefore)
	return indexed(s.parts(ctx, tenant, keysOnly), members, func(f index.Found) (roster.Entry, bool) { return f.Entry(before), true })
}

// KnownRows are the rows that present members know, in the order of member ids. fromMembers is as for Index.
func (s *Store) KnownRows(ctx context.Context, tenant string, fromMembers bool) iter.Seq2[roster.KnownRow, error] {
	members := s.knownRowsOfMembers(ctx, tenant)
	if fromMembers {
		return members
	}
	return indexed(s.parts(ctx, tenant, rowsOnly), members, index.Found.KnownRow)
}

// indexed gives what is made of the index as it is kept, or where it isn't, what is made of the members.
func indexed[T any](parts iter.Seq2[storedPart, error], members iter.Seq2[T, error], from func(index.Found) (T, bool)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		more := true
		m := index.NewMerger(func(f index.Found) bool {
			made, ok := from(f)
			more = !ok || yield(made, nil)
			return more
		})
		for p, err := range parts {
			if err == nil && !p.indexed {
				members(yield)
				return
			}
			if err == nil && p.Entries > 0 {
				_, err = m.Add(&p.Part)
			}
			if err != nil && more {
				var none T
				yield(none, err)
			}
			if err != nil || !more {
				return
			}
		}
		m.Close()
	}
}
