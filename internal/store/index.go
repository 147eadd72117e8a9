package store

import (
	"context"
	"iter"
	"time"

	"github.com/rollcall/rollcall/internal/index"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Index yields an index entry for each of the tenant's members, by member id. A member who departed before
// departedBefore has the state roster.StateGone. Index reads the stored parts, which don't show edits by hand. With
// fromMembers it reads the members instead.
func (s *Store) Index(
	ctx context.Context, tenant string, departedBefore time.Time, fromMembers bool,
) iter.Seq2[roster.Entry, error] {
	members := s.indexOfMembers(ctx, tenant, departedBefore)
	if fromMembers {
		return members
	}
	before := database.Micros(departedBefore)
	return indexed(s.parts(ctx, tenant, keysOnly), members,
		func(f index.Member) (roster.Entry, bool) { return f.Entry(before), true })
}

// KnownRows yields the known rows of present members, by member id. fromMembers is as for Index.
func (s *Store) KnownRows(ctx context.Context, tenant string, fromMembers bool) iter.Seq2[roster.KnownRow, error] {
	members := s.knownRowsOfMembers(ctx, tenant)
	if fromMembers {
		return members
	}
	return indexed(s.parts(ctx, tenant, rowsOnly), members, index.Member.KnownRow)
}

// indexed makes values from the stored index. If the index isn't stored, it yields those of members.
func indexed[T any](
	parts iter.Seq2[storedPart, error], members iter.Seq2[T, error], from func(index.Member) (T, bool),
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		more := true
		m := index.NewMerger(func(f index.Member) bool {
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
