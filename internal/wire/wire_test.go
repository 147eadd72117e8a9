package wire_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/wire"
)

// parcel has one of each kind of value.
type parcel struct {
	Size  int64
	Count uint64
	Bits  uint64
	ID    [16]byte
	Name  string
	Names []string
	IDs   []uuid.UUID
	Plain []int64
	Rest  map[string]int
	Items []parcel
}

func (p *parcel) Pack(w *wire.Writer) {
	w.IntField(1, p.Size)
	w.UintField(2, p.Count)
	w.WordField(3, p.Bits)
	w.FixedField(4, p.ID)
	w.TextField(5, p.Name)
	w.TextsField(6, p.Names)
	w.IDsField(7, p.IDs)
	mark := w.Begin(8)
	w.Count(len(p.Plain))
	for _, n := range p.Plain {
		w.Int(n)
	}
	w.Close(mark)
	if p.Rest != nil {
		w.JSONField(40, p.Rest)
	}
	if len(p.Items) > 0 {
		w.ListField(41, len(p.Items))
		for i := range p.Items {
			w.Item()
			p.Items[i].Pack(w)
		}
		w.End()
	}
	w.End()
}

func (p *parcel) Unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case 1:
			p.Size = r.Int()
		case 2:
			p.Count = r.Uint()
		case 3:
			p.Bits = r.Word()
		case 4:
			p.ID = r.Fixed()
		case 5:
			p.Name = r.Text()
		case 6:
			p.Names = r.TextList()
		case 7:
			p.IDs = r.IDList()
		case 8:
			sub := r.Sub()
			p.Plain = make([]int64, sub.Count())
			for i := range p.Plain {
				p.Plain[i] = sub.Int()
			}
			r.Join(&sub)
		case 40:
			r.JSON(&p.Rest)
		case 41:
			p.Items = make([]parcel, 0, r.List())
			for r.Item() {
				p.Items = append(p.Items, parcel{})
				p.Items[len(p.Items)-1].Unpack(r)
			}
		default:
			r.Skip()
		}
	}
}

func drawParcel(t *rapid.T, depth int) parcel {
	p := parcel{
		Size: rapid.Int64().
			Draw(t, "size"),
		Count: rapid.Uint64().Draw(t, "count"), Bits: rapid.Uint64().Draw(t, "bits"),
		Name: rapid.String().Draw(t, "name"), Plain: rapid.SliceOfN(rapid.Int64(), 0, 3).Draw(t, "plain"),
	}
	copy(p.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	if names := rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "names"); len(names) > 0 {
		p.Names = names
	}
	for range rapid.IntRange(0, 2).Draw(t, "ids") {
		p.IDs = append(p.IDs, uuid.New())
	}
	if rapid.Bool().Draw(t, "rest") {
		p.Rest = map[string]int{"a": rapid.Int().Draw(t, "a")}
	}
	for range rapid.IntRange(0, depth).Draw(t, "items") {
		p.Items = append(p.Items, drawParcel(t, depth-1))
	}
	return p
}

func TestARecordComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var buffer wire.Buffer
		for range 2 {
			want := drawParcel(t, 2)
			data, err := wire.Encode(&want)
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := wire.Encode(&want); !bytes.Equal(data, again) {
				t.Fatal("encoded twice it differs")
			}
			var have parcel
			if err := buffer.Decode(data, &have); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(have, want) {
				t.Fatalf("have %+v, want %+v", have, want)
			}
		}
	})
}

// onlyName knows one field of a parcel, as an earlier release would.
type onlyName struct{ Name string }

func (o *onlyName) Unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		if n == 5 {
			o.Name = r.Text()
		} else {
			r.Skip()
		}
	}
}

func TestAFieldThatIsNotKnownIsSkipped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawParcel(t, 3)
		data, err := wire.Encode(&want)
		if err != nil {
			t.Fatal(err)
		}
		var have onlyName
		if err := wire.Decode(data, &have); err != nil || have.Name != want.Name {
			t.Fatalf("%q, %v, want %q", have.Name, err, want.Name)
		}
	})
}

func TestAFieldThatIsNotThereIsZero(t *testing.T) {
	t.Parallel()
	data, err := wire.Encode(nothing{})
	if err != nil {
		t.Fatal(err)
	}
	var have parcel
	if err := wire.Decode(data, &have); err != nil || !reflect.DeepEqual(have, parcel{}) {
		t.Errorf("%+v, %v", have, err)
	}
}

type nothing struct{}

func (nothing) Pack(w *wire.Writer) { w.End() }

func TestSmallThingsAreJSON(t *testing.T) {
	t.Parallel()
	want := []string{"some", strings.Repeat("text ", 10_000)}
	data, err := wire.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 10_000 {
		t.Errorf("%d bytes: not compressed", len(data))
	}
	var have []string
	if err := wire.Decode(data, &have); err != nil || !reflect.DeepEqual(have, want) {
		t.Error(err)
	}
	if plain, err := wire.Content(data); err != nil || !bytes.Contains(plain, []byte("some")) {
		t.Errorf("%.20q, %v", plain, err)
	}
	if _, err := wire.Encode(func() {}); err == nil {
		t.Error("a function was encoded")
	}
}

func TestANewerVersionIsAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	data, err := wire.Encode(&parcel{})
	if err != nil {
		t.Fatal(err)
	}
	data[0]++
	var newer *wire.VersionError
	if err := wire.Decode(data, new(parcel)); !errors.As(err, &newer) || newer.Version != wire.Version+1 {
		t.Error(err)
	}
	if _, err := wire.Content(data); !errors.As(err, &newer) {
		t.Error(err)
	}
}

func TestWhatIsDamagedOrOfAnotherShapeIsAnError(t *testing.T) {
	t.Parallel()
	data, err := wire.Encode(&parcel{Name: "some text, some text, some text", Names: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		flipped := bytes.Clone(data)
		flipped[i] ^= 1
		if wire.Decode(flipped, new(parcel)) == nil {
			t.Errorf("a bit of byte %d flipped: no error", i)
		}
		if wire.Decode(data[:i], new(parcel)) == nil {
			t.Errorf("cut after %d bytes: no error", i)
		}
	}
	huge := append(bytes.Clone(data[:10]), 0xff, 0xff, 0xff, 0xff, 0x0f)
	if wire.Decode(huge, new(parcel)) == nil {
		t.Error("a size of 4 GB: no error")
	}
	if wire.Decode(data, new([]string)) == nil {
		t.Error("records read as JSON: no error")
	}
	text, err := wire.Encode([]string{"a"})
	if err != nil || wire.Decode(text, new(parcel)) == nil {
		t.Errorf("JSON read as records: no error, %v", err)
	}
}

func TestManyMayEncodeAndDecodeAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 50 {
				data, err := wire.Encode(&parcel{Size: int64(n)})
				var have parcel
				if err == nil {
					err = wire.Decode(data, &have)
				}
				if err != nil || have.Size != int64(n) {
					t.Errorf("%d: %d, %v", n, have.Size, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// Any content ends in an error or a value, whatever it claims.
func FuzzDecode(f *testing.F) {
	for _, seed := range []parcel{{}, {Name: "a", Names: []string{"b"}, Items: []parcel{{Size: 1}}, Plain: []int64{1}}} {
		data, err := wire.Encode(&seed)
		if err != nil {
			f.Fatal(err)
		}
		plain, err := wire.Content(data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		data, err := wire.Encode(rawContent(content))
		if err != nil {
			t.Fatal(err)
		}
		_ = wire.Decode(data, new(parcel))
		_ = wire.Decode(data, new(onlyName))
	})
}

// rawContent writes bytes as they are, as no noun does.
type rawContent []byte

func (c rawContent) Pack(w *wire.Writer) {
	for _, b := range c {
		if b < 0x80 {
			w.Uint(uint64(b))
		}
	}
}
