package chunk_test

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/chunk"
)

// parcel has one of each kind of value.
type parcel struct {
	Size  int64
	Count uint64
	Bits  uint64
	Done  bool
	ID    [16]byte
	Name  string
	Names []string
}

func (p *parcel) Pack(w *chunk.Writer) {
	w.Int(p.Size)
	w.Uint(p.Count)
	w.Word(p.Bits)
	w.Bool(p.Done)
	w.Fixed(p.ID[:])
	w.Text(p.Name)
	w.Count(len(p.Names))
	for _, name := range p.Names {
		w.Text(name)
	}
}

func (p *parcel) Unpack(r *chunk.Reader) {
	p.Size, p.Count, p.Bits, p.Done = r.Int(), r.Uint(), r.Word(), r.Bool()
	r.Fixed(p.ID[:])
	p.Name = r.Text()
	p.Names = r.Texts(r.Count())
	for i := range p.Names {
		p.Names[i] = r.Text()
	}
}

func TestWhatPacksItselfComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawParcel(t)
		data, err := chunk.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		again, err := chunk.Encode(want)
		if err != nil || !bytes.Equal(data, again) {
			t.Fatalf("packed twice it differs, %v", err)
		}
		var have parcel
		if err := chunk.Decode(data, &have); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(&have, want) {
			t.Fatalf("have %+v, want %+v", have, want)
		}
	})
}

func TestWhatWasPackedOtherwiseIsAnError(t *testing.T) {
	t.Parallel()
	data, err := chunk.Encode(&parcel{Name: "n", Names: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, into := range map[string]any{
		"shorter":     new(shorter),
		"longer":      new(longer),
		"not packed":  new(struct{ Name string }),
		"far too big": new(tooMany),
	} {
		if err := chunk.Decode(data, into); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type (
	shorter struct{}
	longer  struct{ parcel }
	tooMany struct{}
)

func (*shorter) Pack(*chunk.Writer)     {}
func (*shorter) Unpack(r *chunk.Reader) { r.Int() }

func (l *longer) Unpack(r *chunk.Reader) {
	l.parcel.Unpack(r)
	r.Word()
}

func (*tooMany) Pack(*chunk.Writer) {}

func (*tooMany) Unpack(r *chunk.Reader) {
	r.Fixed(make([]byte, 10)) // zeros of the numbers, so that a count comes to stand on what isn't one
	for range 30 {
		r.Texts(r.Count())
	}
}

func TestPackedDataThatAreDamagedAreAnError(t *testing.T) {
	t.Parallel()
	data, err := chunk.Encode(&parcel{Name: "some text, some text, some text", Names: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		flipped := bytes.Clone(data)
		flipped[i] ^= 1
		if chunk.Decode(flipped, new(parcel)) == nil {
			t.Errorf("a bit of byte %d flipped: no error", i)
		}
		if chunk.Decode(data[:i], new(parcel)) == nil {
			t.Errorf("cut after %d bytes: no error", i)
		}
	}
	huge := append(bytes.Clone(data[:9]), 0xff, 0xff, 0xff, 0xff, 0x0f)
	if chunk.Decode(huge, new(parcel)) == nil {
		t.Error("a size of 4 GB: no error")
	}
}
