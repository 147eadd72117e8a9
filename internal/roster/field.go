package roster

import (
	"fmt"
	"iter"
	"math/bits"
	"slices"
)

// row returns the field's row in the table; an empty one for NoField.
func (f Field) row() *fieldRow {
	if int(f) >= FieldCount {
		return &noRow
	}
	return &fieldTable[f]
}

var noRow fieldRow

// String returns the field's name in lower snake case; "" for NoField.
func (f Field) String() string { return f.row().name }

// Number returns the number that stands for the field in what is kept.
func (f Field) Number() int { return f.row().number }

// Demand returns how much the field is wanted in a report.
func (f Field) Demand() Demand { return f.row().demand }

// Required tells whether a row without a good value in f is rejected.
func (f Field) Required() bool { return f.Demand() == Required }

// Policy returns the Workday domain security policy that may be missing when f's column is; "" for NoField.
func (f Field) Policy() string { return f.row().policy }

// Derived tells whether f is never read, but follows from another field.
func (f Field) Derived() bool { return f.row().kind == asDerived }

// UsualColumns are the names that reports usually give the field's column, folded, the best first.
func (f Field) UsualColumns() []string { return f.row().columns }

// Usual tells whether f has usual columns. Without any it is read only where the tenant's settings name one.
func (f Field) Usual() bool { return len(f.row().columns) > 0 }

// wanted tells whether a report without f's column gets a warning.
func (f Field) wanted() bool { return f.Demand() == Recommended || f.Demand() == Optional }

// Flag tells whether f is yes or no, which the outside sees as a bool.
func (f Field) Flag() bool { return f.row().kind == asYesNo }

// Shown returns a value as the outside sees it: nil when it is empty, a bool for yes and no, else the text.
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

// Unshown returns the value that Shown shows so.
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

// Fields yields all fields in the order in which they are shown.
func Fields() iter.Seq[Field] { return fieldsBelow(FieldCount) }

// ValueFields yields the fields that a Values holds.
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

// ParseField returns the field of that name.
func ParseField(name string) (Field, bool) {
	for f := range fieldTable {
		if fieldTable[f].name == name {
			return Field(f), true //nolint:gosec // a small constant
		}
	}
	return NoField, false
}

// maxNumber is the highest number that a field may have.
const maxNumber = 63

// fieldsByNumber has each field at its number, and NoField where there is none.
var fieldsByNumber = func() (fields [maxNumber + 1]Field) {
	for n := range fields {
		fields[n] = NoField
	}
	for f := range Fields() {
		fields[f.Number()] = f
	}
	return fields
}()

// FieldNumbered returns the field of that number; NoField for one of another release.
func FieldNumbered(number int) Field {
	if number < 0 || number > maxNumber {
		return NoField
	}
	return fieldsByNumber[number]
}

// MarshalText writes the field's name.
func (f Field) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads the field's name. Another text is an error.
func (f *Field) UnmarshalText(text []byte) error {
	field, ok := ParseField(string(text))
	if !ok {
		return fmt.Errorf("%q is not a field", text)
	}
	*f = field
	return nil
}

// FieldSet is a set of fields. Like a Field it is good within this process only.
type FieldSet uint32

const everyField FieldSet = 1<<FieldCount - 1

// Has tells whether f is in s.
func (s FieldSet) Has(f Field) bool { return s&(1<<f) != 0 }

// With returns s and f.
func (s FieldSet) With(f Field) FieldSet { return s | 1<<f }

// Without returns s without f.
func (s FieldSet) Without(f Field) FieldSet { return s &^ (1 << f) }

// All yields the fields in s, in the order in which they are shown.
func (s FieldSet) All() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for rest := uint32(s); rest != 0; rest &= rest - 1 {
			if !yield(Field(bits.TrailingZeros32(rest))) { //nolint:gosec // less than 32
				return
			}
		}
	}
}

// Numbers returns s as it is kept: the bit of each field's number.
func (s FieldSet) Numbers() (numbers uint64) {
	for f := range s.All() {
		numbers |= 1 << f.Number()
	}
	return numbers
}

// FieldSetNumbered returns the set that Numbers gave. Fields of another release are left out.
func FieldSetNumbered(numbers uint64) (s FieldSet) {
	for ; numbers != 0; numbers &= numbers - 1 {
		if f := FieldNumbered(bits.TrailingZeros64(numbers)); f != NoField {
			s = s.With(f)
		}
	}
	return s
}

// Values are a profile's values by Field, normalised; empty is "". PeopleManager is Yes, No or ""; Status is Active or
// Inactive (Departed only on a Member).
type Values [ValueCount]string

// FieldMap is the tenant's own map from a report's column, dotted into objects, to the fields that it fills. A column
// named here serves only these fields, none if there are none. Role can't be mapped and is passed over.
type FieldMap map[string][]Field

// Names tells whether the tenant maps a column to f.
func (m FieldMap) Names(f Field) bool {
	for _, fields := range m {
		if slices.Contains(fields, f) {
			return true
		}
	}
	return false
}

// Levels is the tenant's own map from management level to role.
type Levels map[string]string
