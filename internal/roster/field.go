package roster

import (
	"encoding/json"
	"fmt"
	"iter"
	"math/bits"
	"slices"
)

// row returns the field's row in the table. It returns an empty row for NoField.
func (f Field) row() *fieldRow {
	if int(f) >= FieldCount {
		return &noRow
	}
	return &fieldTable[f]
}

var noRow fieldRow

// String returns the field's name in lower snake case, or "" for NoField.
func (f Field) String() string { return f.row().name }

// Number returns the number that stands for the field in stored data.
func (f Field) Number() int { return f.row().number }

// Demand returns how much a report needs the field.
func (f Field) Demand() Demand { return f.row().demand }

// Required reports whether a row without a valid value in f is rejected.
func (f Field) Required() bool { return f.Demand() == Required }

// Policy returns the Workday domain security policy that may be missing if f's column is missing, or "" for
// NoField.
func (f Field) Policy() string { return f.row().policy }

// Derived reports whether f follows from another field and is never read.
func (f Field) Derived() bool { return f.row().kind == asDerived }

// UsualColumns returns the usual names of the field's column, as UsualKey returns them. The best comes first.
func (f Field) UsualColumns() []string { return f.row().columns }

// Usual reports whether f has usual columns. Any other field is read only if the tenant's settings name its column.
func (f Field) Usual() bool { return len(f.row().columns) > 0 }

// wanted reports whether a report without f's column gets a warning.
func (f Field) wanted() bool { return f.Demand() == Recommended || f.Demand() == Optional }

// HasWords reports whether f has fixed words: see Mappings.Vocabulary.
func (f Field) HasWords() bool { return f.row().kind == asStatus || f.row().kind == asLocale }

// Decides reports whether f says who is in the directory.
func (f Field) Decides() bool { return f == Status || f.row().kind == asDate }

// Flag reports whether f is a yes or no, which JSON shows as a bool.
func (f Field) Flag() bool { return f.row().kind == asYesNo }

// JSONValue returns a value as JSON and the audit show it: nil if it is empty, a bool for a flag, else the text.
func (f Field) JSONValue(value string) any {
	switch {
	case value == "":
		return nil
	case f.Flag():
		return value == Yes
	default:
		return value
	}
}

// ParseJSONValue returns the value that JSONValue returned as shown. It returns "" for anything else.
func ParseJSONValue(shown any) string {
	switch v := shown.(type) {
	case string:
		return v
	case bool:
		if v {
			return Yes
		}
		return No
	default:
		return ""
	}
}

// Fields yields all fields in display order.
func Fields() iter.Seq[Field] { return fieldsBelow(FieldCount) }

// ValueFields yields the fields that Values holds, in display order.
func ValueFields() iter.Seq[Field] { return fieldsBelow(ValueCount) }

func fieldsBelow(count int) iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for f := range count {
			if !yield(Field(f)) { //nolint:gosec // a small constant
				return
			}
		}
	}
}

// ParseField returns the field with the given name, or NoField and false.
func ParseField(name string) (Field, bool) {
	for f := range fieldTable {
		if fieldTable[f].name == name {
			return Field(f), true //nolint:gosec // a small constant
		}
	}
	return NoField, false
}

// maxNumber is the highest number of a field.
const maxNumber = 63

// fieldsByNumber holds each field at its number, and NoField at all others.
var fieldsByNumber = func() (fields [maxNumber + 1]Field) {
	for n := range fields {
		fields[n] = NoField
	}
	for f := range Fields() {
		fields[f.Number()] = f
	}
	return fields
}()

// FieldNumbered returns the field with the given number, or NoField if this release doesn't know it.
func FieldNumbered(number int) Field {
	if number < 0 || number > maxNumber {
		return NoField
	}
	return fieldsByNumber[number]
}

// MarshalText returns the field's name.
func (f Field) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText sets f to the field with the given name. It returns an error if there is none.
func (f *Field) UnmarshalText(text []byte) error {
	field, ok := ParseField(string(text))
	if !ok {
		return fmt.Errorf("%q is not a field", text)
	}
	*f = field
	return nil
}

// FieldSet is a set of fields. Like a Field it is valid only within this process: Numbers returns the form to
// store.
type FieldSet uint32

const everyField FieldSet = 1<<FieldCount - 1

// Has reports whether f is in s.
func (s FieldSet) Has(f Field) bool { return s&(1<<f) != 0 }

// With returns s with f added.
func (s FieldSet) With(f Field) FieldSet { return s | 1<<f }

// Without returns s without f.
func (s FieldSet) Without(f Field) FieldSet { return s &^ (1 << f) }

// All yields the fields in s in display order.
func (s FieldSet) All() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for rest := uint32(s); rest != 0; rest &= rest - 1 {
			if !yield(Field(bits.TrailingZeros32(rest))) { //nolint:gosec // less than 32
				return
			}
		}
	}
}

// Numbers returns the form of s to store: one bit for each field's number.
func (s FieldSet) Numbers() (numbers uint64) {
	for f := range s.All() {
		numbers |= 1 << f.Number()
	}
	return numbers
}

// FieldSetNumbered returns the set whose Numbers are given. It leaves out fields that this release doesn't know.
func FieldSetNumbered(numbers uint64) (s FieldSet) {
	for ; numbers != 0; numbers &= numbers - 1 {
		if f := FieldNumbered(bits.TrailingZeros64(numbers)); f != NoField {
			s = s.With(f)
		}
	}
	return s
}

// Values are a profile's normalised values, by Field. An empty value is "". PeopleManager is Yes, No or "". Status
// is Active or Inactive, and Departed only in a Member.
type Values [ValueCount]string

// FieldMap is the tenant's map from a report's column, as a dotted path, to the fields that it fills. A mapped
// column serves only these fields, or none if the list is empty. Derived fields in the map are ignored.
type FieldMap map[string][]Field

// UnmarshalJSON decodes a stored map. It leaves out fields that this release doesn't know. Their columns fill nothing.
func (m *FieldMap) UnmarshalJSON(data []byte) error {
	var names map[string][]string
	if err := json.Unmarshal(data, &names); err != nil || names == nil {
		*m = nil
		return err
	}
	*m = make(FieldMap, len(names))
	for column, list := range names {
		fields := make([]Field, 0, len(list))
		for _, name := range list {
			if f, ok := ParseField(name); ok {
				fields = append(fields, f)
			}
		}
		(*m)[column] = fields
	}
	return nil
}

// Names reports whether the tenant maps a column to f.
func (m FieldMap) Names(f Field) bool {
	for _, fields := range m {
		if slices.Contains(fields, f) {
			return true
		}
	}
	return false
}

// Levels is the tenant's map from management level to role.
type Levels map[string]string
