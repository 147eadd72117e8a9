package chunk_test

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/chunk"
)

func drawParcel(t *rapid.T) *parcel {
	p := &parcel{
		Size: rapid.Int64().Draw(t, "size"), Count: rapid.Uint64().Draw(t, "count"), Bits: rapid.Uint64().Draw(t, "bits"),
		Done: rapid.Bool().Draw(t, "done"), Name: rapid.StringN(0, -1, 2000).Draw(t, "name"),
		Names: rapid.SliceOfN(rapid.String(), 1, 9).Draw(t, "names"),
	}
	copy(p.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	return p
}

// What was in a room before changes nothing of what is read in it, be that another chunk or a damaged one.
func TestARoomGivesWhatANewOneWould(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var room chunk.Room
		var have parcel
		for range rapid.IntRange(1, 9).Draw(t, "chunks") {
			want := drawParcel(t)
			data, err := chunk.Encode(want)
			if err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "damaged before") {
				if room.Decode(data[:len(data)-1], &have) == nil {
					t.Fatal("no error")
				}
			}
			if err := room.Decode(data, &have); err != nil {
				t.Fatal(err)
			}
			clear(data) // nothing refers to them
			if !reflect.DeepEqual(&have, want) {
				t.Fatalf("have %+v, want %+v", have, want)
			}
		}
	})
}

func TestLargeListsOfTextsStandBesideEachOther(t *testing.T) {
	t.Parallel()
	want := shelf{}
	for n := range 300 {
		want = append(want, make([]string, n%40))
		for i := range want[n] {
			want[n][i] = string(rune('a' + n%26))
		}
	}
	data, err := chunk.Encode(&want)
	if err != nil {
		t.Fatal(err)
	}
	var room chunk.Room
	for range 3 {
		var have shelf
		if err := room.Decode(data, &have); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if len(have[i]) != len(want[i]) || len(want[i]) > 0 && !reflect.DeepEqual(have[i], want[i]) {
				t.Fatalf("list %d: %q, want %q", i, have[i], want[i])
			}
		}
	}
}

// shelf is lists of texts.
type shelf [][]string

func (s *shelf) Pack(w *chunk.Writer) {
	w.Count(len(*s))
	for _, list := range *s {
		w.Count(len(list))
		for _, text := range list {
			w.Text(text)
		}
	}
}

func (s *shelf) Unpack(r *chunk.Reader) {
	*s = make(shelf, r.Count())
	for i := range *s {
		(*s)[i] = r.Texts(r.Count())
		for j := range (*s)[i] {
			(*s)[i][j] = r.Text()
		}
	}
}

func TestAppendingLeavesWhatIsThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var v any = drawParcel(t)
		if rapid.Bool().Draw(t, "JSON") {
			v = rapid.SliceOf(rapid.String()).Draw(t, "texts")
		}
		alone, err := chunk.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		room := append(make([]byte, 0, rapid.IntRange(5, 5000).Draw(t, "room")), "there"...)
		both, err := chunk.Append(room, v)
		if err != nil || !bytes.Equal(both, append([]byte("there"), alone...)) {
			t.Fatalf("%q, %v", both, err)
		}
	})
}
