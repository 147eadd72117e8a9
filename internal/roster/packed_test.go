package roster

import (
	"cmp"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster/rostertest"
	"github.com/rollcall/rollcall/internal/wire"
)

// listedUsers is a record with one list of users.
type listedUsers struct{ users []User }

func (l *listedUsers) Pack(w *wire.Writer) {
	PackUsers(w, 1, l.users)
	w.End()
}

func (l *listedUsers) Unpack(r *wire.Reader) {
	r.Next()
	l.users = UnpackUsers(r, l.users)
	r.Next()
}

func TestPackedUsersComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var reused listedUsers
		draw := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) User {
			u := User{
				Row: rapid.Int().
					Draw(t, "row"),
				New: rapid.Bool().Draw(t, "new"), Recognised: rapid.Bool().Draw(t, "recognised"),
				Relinked: rapid.Bool().Draw(t, "relinked"), Linked: rapid.Bool().Draw(t, "linked"),
				ExternalID: rapid.String().
					Draw(t, "id"),
				ExternalKind: some(t, "kind", "", "workday:WID", "workday:Employee_ID"),
				Kept:         FieldSet(rapid.Uint32().Draw(t, "kept")) & everyField, Groups: rostertest.Texts(t, 0, 3),
				Known: Known{
					Row: Hash(
						rostertest.Bytes16(t),
					), Columns: rapid.Uint64().Draw(t, "columns"), Issues: WarningSet(rapid.Uint64().Draw(t, "issues")),
					Content: rapid.Uint64().Draw(t, "content"),
				},
			}
			member := Hash(rostertest.Bytes16(t))
			copy(u.Member[:], member[:])
			for f := range u.Values {
				u.Values[f] = some(t, "value", "", "Engineering", "Marketing", rapid.String().Draw(t, "text"))
			}
			return u
		}), 1, 5)
		for range 2 {
			want := listedUsers{draw.Draw(t, "users")}
			if have := rostertest.RoundTrip(t, want); !reflect.DeepEqual(have, want) {
				t.Fatalf("have %+v, want %+v", have, want)
			}
			data, err := wire.Encode(&want)
			if err = cmp.Or(err, wire.Decode(data, &reused)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(reused, want) {
				t.Fatalf("in the place of others: have %+v, want %+v", reused, want)
			}
		}
	})
}

func some[T any](t *rapid.T, label string, of ...T) T { return rapid.SampledFrom(of).Draw(t, label) }
