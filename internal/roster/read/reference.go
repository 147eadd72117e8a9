package read

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/roster"
)

// reference is Workday's {Descriptor, ID} object: a display name and a permanent id. ID is one id or a list of
// {type, $}.
type reference struct {
	descriptor jsontext.Value
	ids        []typedID
}

// typedID is one id. kind is its folded type, or "".
type typedID struct {
	kind string
	id   jsontext.Value
}

// pick chooses the id for the column r.path: the one whose type is the column's name, else the WID, which
// everything has and which never changes, else the first.
func (r *Reader) pick(ids []typedID) jsontext.Value {
	if len(ids) == 0 {
		return nil
	}
	last := r.fold(r.path[bytes.LastIndexByte(r.path, '.')+1:])
	for _, kind := range [...]string{last, "wid", ""} {
		for _, id := range ids {
			if id.kind == kind {
				return id.id
			}
		}
	}
	return ids[0].id
}

// addReference adds a reference as a value of the column r.path, and each part that the tenant maps.
func (r *Reader) addReference(found reference, row int) error {
	id := r.pick(found.ids)
	whole := len(r.path)
	for _, part := range [...]struct {
		name string
		text jsontext.Value
	}{{".Descriptor", found.descriptor}, {".ID", id}} {
		if r.path = append(r.path, part.name...); r.mapsParts && len(r.fields(string(r.path))) > 0 {
			if err := r.add(part.text, nil, row); err != nil {
				return err
			}
		}
		r.path = r.path[:whole]
	}
	return r.add(found.descriptor, id, row)
}

// maxFolds bounds the cache of folded names.
const maxFolds = 512

// fold is roster.FoldColumn with a cache, because every row has the same few names.
func (r *Reader) fold(name []byte) string {
	if folded, known := r.folds[string(name)]; known {
		return folded
	}
	folded := roster.FoldColumn(string(name))
	if len(r.folds) < maxFolds && len(name) <= maxName {
		r.folds[string(name)] = folded
	}
	return folded
}

// reference decodes a reference: an object with a Descriptor and nothing else but ids and links. It returns false
// for another object.
func (r *Reader) reference(raw jsontext.Value, depth int) (reference, bool) {
	var found reference
	known := false
	for name, value := range r.members(raw) {
		switch name {
		case "descriptor":
			if isComposite(value) {
				return reference{}, false
			}
			found.descriptor, known = value, true
			if value.Kind() == jsontext.KindNull {
				found.descriptor = nil
			}
		case "id":
			found.ids = r.collect(r.ids[:0], value, depth+1)
			r.ids = found.ids
		case "href", "type":
		default:
			return reference{}, false
		}
	}
	return found, known
}

// collect appends the ids in the ID of a reference.
func (r *Reader) collect(ids []typedID, raw jsontext.Value, depth int) []typedID {
	switch {
	case depth >= maxDepth-1 || raw.Kind() == jsontext.KindNull:
		return ids
	case raw.Kind() == jsontext.KindBeginArray:
		for element := range elements(raw) {
			ids = r.collect(ids, element, depth+1)
		}
		return ids
	case raw.Kind() != jsontext.KindBeginObject:
		return append(ids, typedID{id: raw})
	}
	var id typedID
	for name, value := range r.members(raw) {
		switch {
		case isComposite(value) || value.Kind() == jsontext.KindNull:
		case name == "type":
			id.kind = r.fold(bytes.Trim(value, `"`))
		case name == "" || name == "id" || name == "text" || name == "value": // "$" and "#text" fold to "" and "text"
			id.id = value
		}
	}
	if id.id == nil {
		return ids
	}
	return append(ids, id)
}

// primary returns the element of an array of several objects that is marked primary: true, or nil.
func (r *Reader) primary(raw jsontext.Value, depth int) jsontext.Value {
	if depth >= maxDepth-1 || !bytes.Contains(raw, []byte("rimary")) {
		return nil
	}
	var all []jsontext.Value
	for element := range elements(raw) {
		all = append(all, element)
	}
	if len(all) < 2 {
		return nil
	}
	marked := slices.IndexFunc(all, func(element jsontext.Value) bool {
		for name, value := range r.members(element) {
			if name == "primary" && slices.Contains([]string{"true", `"1"`, `"true"`, "1"}, string(value)) {
				return true
			}
		}
		return false
	})
	if marked < 0 {
		return nil
	}
	return all[marked]
}

// members yields an object's folded names and values. It yields nothing for another value. raw is valid JSON and
// must not change while the values are in use.
func (r *Reader) members(raw jsontext.Value) func(yield func(string, jsontext.Value) bool) {
	return func(yield func(string, jsontext.Value) bool) {
		for quoted, value := range pairs(raw) {
			r.name = unquote(r.name[:0], quoted)
			if !yield(r.fold(r.name), value) {
				return
			}
		}
	}
}

func isComposite(raw jsontext.Value) bool {
	return raw.Kind() == jsontext.KindBeginObject || raw.Kind() == jsontext.KindBeginArray
}
