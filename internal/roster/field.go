package roster

import "fmt"

// Field is one field of a member's profile. Its name, as it stands in issues, audit and JSON, is String.
type Field uint8

// The fields, in the order in which they are shown. Source: the set-up article, "Required and recommended profile
// fields". Role is not read but derived from ManagementLevel; ExternalID identifies; Groups names memberships.
const (
	FirstName Field = iota
	LastName
	Email
	ManagementLevel
	Role
	JobTitle
	BusinessUnit
	JobFunction
	PeopleManager
	ManagerEmail
	City
	Country
	Office
	Locale
	Status
	ExternalID
	Groups

	// FieldCount is how many fields there are.
	FieldCount = int(Groups) + 1
)

// NoField is for issues that concern no field; its name is "".
const NoField = Field(FieldCount)

// ValueCount is how many fields a Values holds: all but ExternalID and Groups.
const ValueCount = int(Status) + 1

var fieldNames = [FieldCount]string{
	"first_name", "last_name", "email", "management_level", "role", "job_title", "business_unit", "job_function",
	"people_manager", "manager_email", "city", "country", "office", "locale", "status", "external_id", "groups",
}

// String is the field's name in lower snake case; "" for NoField.
func (f Field) String() string {
	if int(f) >= FieldCount {
		return ""
	}
	return fieldNames[f]
}

// ParseField is the field of that name.
func ParseField(name string) (Field, bool) {
	for f, known := range fieldNames {
		if known == name {
			return Field(f), true
		}
	}
	return NoField, false
}

// MarshalText writes the field's name, so that stored settings don't depend on the order of the fields.
func (f Field) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads the field's name.
func (f *Field) UnmarshalText(text []byte) error {
	field, ok := ParseField(string(text))
	if !ok {
		return fmt.Errorf("%q is not a field", text)
	}
	*f = field
	return nil
}

// Required tells whether a row without a good value in f is rejected.
func (f Field) Required() bool { return required.Has(f) }

const (
	required FieldSet = 1<<FirstName | 1<<LastName | 1<<Email | 1<<ManagementLevel
	// wanted are those whose absence from a report is worth a warning: the recommended and the optional ones.
	wanted FieldSet = 1<<JobTitle | 1<<BusinessUnit | 1<<JobFunction | 1<<PeopleManager | 1<<ManagerEmail | 1<<City |
		1<<Country | 1<<Office | 1<<Locale | 1<<Status
	everyField FieldSet = 1<<FieldCount - 1
)

// FieldSet is a set of fields.
type FieldSet uint32

// Has tells whether f is in s.
func (s FieldSet) Has(f Field) bool { return s&(1<<f) != 0 }

// With is s and f.
func (s FieldSet) With(f Field) FieldSet { return s | 1<<f }

// Values are a profile's values by Field, normalised; empty is "". PeopleManager is "yes", "no" or ""; Status is
// "active" or "inactive" ("departed" only on a Member).
type Values [ValueCount]string

// FieldMap is the tenant's own map from a report's column, dotted into objects, to the fields that it fills. A column
// named here serves only these fields, none if there are none; Role can't be mapped and is passed over.
type FieldMap map[string][]Field

// Levels is the tenant's own map from management level to role.
type Levels map[string]string
