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
func (s *Store) Index(ctx context.Context, tenant string, gone time.Time, fromMembers bool) iter.Seq2[roster.Entry, error] {
	members := s.indexOfMembers(ctx, tenant, gone)
	if fromMembers {
		return members
	}
	before := database.Micros(gone)
	return indexed(s.parts(ctx, tenant, keysOnly), members, func(f index.Member) (roster.Entry, bool) { return f.Entry(before), true })
}

// KnownRows are the rows that present members know, in the order of member ids. fromMembers is as for Index.
func (s *Store) KnownRows(ctx context.Context, tenant string, fromMembers bool) iter.Seq2[roster.KnownRow, error] {
	members := s.knownRowsOfMembers(ctx, tenant)
	if fromMembers {
		return members
	}
	return indexed(s.parts(ctx, tenant, rowsOnly), members, index.Member.KnownRow)
}

// indexed gives what is made of the index as it is kept, or where it isn't, what is made of the members.
func indexed[T any](parts iter.Seq2[keptPart, error], members iter.Seq2[T, error], from func(index.Member) (T, bool)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		wanted := true
		m := index.NewMerger(func(f index.Member) bool {
			made, ok := from(f)
			wanted = !ok || yield(made, nil)
			return wanted
		})
		for p, err := range parts {
			if err == nil && !p.indexed {
				members(yield)
				return
			}
			if err == nil && p.Entries > 0 {
				_, err = m.Add(&p.Part)
			}
			if err != nil && wanted {
				var none T
				yield(none, err)
			}
			if err != nil || !wanted {
				return
			}
		}
		m.Close()
	}
}
