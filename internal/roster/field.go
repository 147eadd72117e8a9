package roster

import "strings"

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

// ValueCount is how many fields a Values holds: all but ExternalID and Groups.
const ValueCount = int(Status) + 1

const fieldNames = "first_name last_name email management_level role job_title business_unit job_function " +
	"people_manager manager_email city country office locale status external_id groups"

// String is the field's name in lower snake case.
func (f Field) String() string { return strings.Fields(fieldNames)[f] }

// FieldSet is a set of fields.
type FieldSet uint32

// Has tells whether f is in s.
func (s FieldSet) Has(f Field) bool { return s&(1<<f) != 0 }

// With is s and f.
func (s FieldSet) With(f Field) FieldSet { return s | 1<<f }

// Values are a profile's values by Field, normalised; empty is "". PeopleManager is "yes", "no" or ""; Status is
// "active" or "inactive" ("departed" only on a Member).
type Values [ValueCount]string
