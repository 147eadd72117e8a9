package roster

// The field table defines the fields of a profile. It drives validation, columns, hints, stored data, the audit, SQL
// columns, the commands `check` and `members`, and the documents.
//
// To add a field, add its constant and its row here, a migration with its column for both databases, and its line in
// docs/rules.md. Stored data hold the numbers and the warning bits: take the next free one, and never reuse one.
// The numbers 20 to 31, and 33, belong to the other fields of packed records.

// Field is one field of a member's profile. Its value is valid only within this process: stored data use the field's
// name or number.
type Field uint8

// The fields in display order. Source: the set-up article, "Required and recommended profile
// fields".
const (
	FirstName Field = iota
	LastName
	Email
	ManagementLevel
	Role // derived from ManagementLevel
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
	StartDate
	EndDate
	Custom     // the tenant's own fields: see CustomFields
	ExternalID // identifies the person
	Groups     // names memberships
)

const (
	// FieldCount is the number of fields.
	FieldCount = len(fieldTable)
	// ValueCount is the number of fields in Values: all but ExternalID and Groups, which come last.
	ValueCount = FieldCount - 2
	// NoField is the field of an issue that concerns no field. Its name is "".
	NoField = Field(FieldCount)
)

// Demand says how much a report needs a field.
type Demand string

// The demands. The set-up article has all but the last.
const (
	Required    Demand = "required"    // a row without a valid value is rejected
	Recommended Demand = "recommended" // a report without the column gets a warning
	Optional    Demand = "optional"    // a report without the column gets a warning
	Additional  Demand = "additional"  // used if the report has it
)

// kind says how the value of a field is validated.
type kind uint8

const (
	asDerived kind = iota // never read
	asText
	asEmail
	asLevel
	asYesNo
	asLocale
	asStatus
	asDate
	asID
	asGroups
	asCustom
)

// Limits on the length of values, in characters.
const (
	nameLimit = 200
	textLimit = 1000
)

// fieldRow is a row of the field table.
type fieldRow struct {
	name     string // in issues, audit, JSON and SQL
	number   int    // in stored data, from 1 to 63
	demand   Demand
	kind     kind
	limit    int      // longest value in characters; 0: the kind has its own limit
	columns  []string // usual columns, as UsualKey returns them; the best first
	policy   string   // Workday domain security policy that may be missing if the column is
	warnings warnings
}

// warnings are the codes that a row may have in a field, by their bits in a WarningSet. The bits 32, 33, 35 and 36 were
// those of dates that were texts.
type warnings map[int]Code

// fieldTable holds the fields. A wrong guess at a column overwrites good data, while no guess only leaves a field
// unchanged. So an ambiguous name is no usual column: user name, department as business unit, home email, a plain
// "Name".
//
// Usual names come from the set-up article and from what is public: programs that read Workday's reports (for asset
// inventories, identity services, data warehouses and employee feeds), style sheets that convert them, and the manuals of
// products that import them. A name that is added later comes last, so that it is never better than an earlier one.
//
// Policies are those of the set-up article, and likely ones for names and levels, which it doesn't list.
var fieldTable = [...]fieldRow{
	FirstName: {
		name: "first_name", number: 1, demand: Required, kind: asText, limit: nameLimit, policy: namePolicy,
		columns: []string{
			"firstname", "preferredfirstname", "firstnamepreferred", "preferredgivenname", "givenname",
			"namegivenname",
			"namefirstname", "forename", "legalfirstname", "firstnamelegal", "legalgivenname", "legalnamefirstname",
			"preferrednamefirstname",
		},
	},
	LastName: {
		name: "last_name", number: 2, demand: Required, kind: asText, limit: nameLimit, policy: namePolicy,
		columns: []string{
			"lastname", "preferredlastname", "lastnamepreferred", "familyname", "namefamilyname",
			"namelastname", "surname",
			"legallastname", "lastnamelegal", "legalfamilyname", "legalnamelastname",
			"preferrednamelastname",
		},
	},
	Email: {
		name: "email", number: 3, demand: Required, kind: asEmail, policy: contactPolicy,
		columns: append([]string{"email"}, emailNames...),
	},
	ManagementLevel: {
		name: "management_level", number: 4, demand: Required, kind: asLevel, limit: textLimit, policy: levelPolicy,
		columns: []string{
			"managementlevel", "mgmtlevel", "managementleveldescriptor", "managementlevelname", "jobmanagementlevel",
			"joblevel", "careerlevel",
		},
		warnings: warnings{23: CodeLevelUnmapped},
	},
	Role: {name: "role", number: 5, demand: Additional, kind: asDerived, policy: levelPolicy},
	JobTitle: {
		name: "job_title", number: 6, demand: Recommended, kind: asText, limit: textLimit,
		policy:   "Worker Data: Business Title on Worker Profile",
		columns:  []string{"jobtitle", "businesstitle", "positiontitle", "title", "jobtitles"},
		warnings: warnings{5: CodeSeveralValues, 16: CodeTextDamaged, 25: CodeTooLong},
	},
	BusinessUnit: {
		name: "business_unit", number: 7, demand: Recommended, kind: asText, limit: textLimit, policy: positionsPolicy,
		columns:  []string{"businessunit", "businessunitname", "bu", "divisionname", "division", "lineofbusiness"},
		warnings: warnings{6: CodeSeveralValues, 17: CodeTextDamaged, 26: CodeTooLong},
	},
	JobFunction: {
		name: "job_function", number: 8, demand: Recommended, kind: asText, limit: textLimit, policy: positionsPolicy,
		columns: []string{
			"jobfunction", "jobfunctionname", "function", "jobfamilygroup", "jobfamily", "departmentname",
			"department",
		},
		warnings: warnings{7: CodeSeveralValues, 18: CodeTextDamaged, 27: CodeTooLong},
	},
	PeopleManager: {
		name: "people_manager", number: 9, demand: Recommended, kind: asYesNo, policy: positionsPolicy,
		columns: []string{
			"peoplemanager", "ispeoplemanager", "peoplemanagerstatus", "peoplemanagerflag", "ismanager",
			"managerflag",
			"peopleleader",
		},
		warnings: warnings{0: CodeNotYesOrNo, 8: CodeSeveralValues},
	},
	ManagerEmail: {
		name: "manager_email", number: 10, demand: Recommended, kind: asEmail, policy: contactPolicy,
		columns:  managerEmailNames(),
		warnings: warnings{1: CodeEmailInvalid, 9: CodeSeveralValues, 24: CodeManagerErased},
	},
	City: {
		name: "city", number: 11, demand: Optional, kind: asText, limit: textLimit, policy: positionsPolicy,
		columns: []string{
			"city", "workcity", "locationcity", "officecity", "worklocationcity", "primaryworkaddresscity",
			"workaddresscity",
			"addresscity", "addresslocality", "addresseslocality", "municipality",
		},
		warnings: warnings{10: CodeSeveralValues, 19: CodeTextDamaged, 28: CodeTooLong},
	},
	Country: {
		name: "country", number: 12, demand: Optional, kind: asText, limit: textLimit, policy: positionsPolicy,
		columns: []string{
			"country", "workcountry", "locationcountry", "officecountry", "worklocationcountry", "countryname",
			"primaryworkaddresscountry", "workaddresscountry", "addresscountry", "addressescountry",
			"locationaddresscountry", "locationcountryfull", "countryofpositionlocationonworkerprofile",
		},
		warnings: warnings{11: CodeSeveralValues, 20: CodeTextDamaged, 29: CodeTooLong},
	},
	Office: {
		name: "office", number: 13, demand: Optional, kind: asText, limit: textLimit, policy: positionsPolicy,
		columns: []string{
			"office", "officelocation", "officename", "worklocation", "location", "locationname", "primarylocation",
			"primaryworklocation", "worksite", "site", "locationdescription", "businesssite",
		},
		warnings: warnings{12: CodeSeveralValues, 21: CodeTextDamaged, 30: CodeTooLong},
	},
	Locale: {
		name: "locale", number: 14, demand: Optional, kind: asLocale, policy: "Workday Accounts",
		columns:  []string{"locale", "preferredlocale", "userlocale", "localecode", "preferredlanguage", "languagetag"},
		warnings: warnings{2: CodeLocaleUnsupported, 13: CodeSeveralValues},
	},
	Status: {
		name: "status", number: 15, demand: Optional, kind: asStatus,
		policy: "Worker Data: Current Staffing Information",
		columns: []string{
			StateColumn, "status", "memberstatus", "workerstatus", "userstatus", "profilestatus", "activestatus",
			"employeestatus", "currentlyactive", "activeflag", "isactive", "active", "employmentstatus",
		},
		warnings: warnings{3: CodeStatusUnknown, 14: CodeSeveralValues},
	},
	// Dates have no usual columns: the tenant's settings must name them.
	StartDate: {
		name: "start_date", number: 16, demand: Additional, kind: asDate, policy: workersPolicy,
		warnings: warnings{31: CodeSeveralValues, 40: CodeDateInvalid},
	},
	EndDate: {
		name: "end_date", number: 17, demand: Additional, kind: asDate, policy: workersPolicy,
		warnings: warnings{34: CodeSeveralValues, 41: CodeDateInvalid},
	},
	Custom: {name: "custom", number: 32, demand: Additional, kind: asCustom, limit: textLimit, policy: workersPolicy},
	ExternalID: {
		name: "external_id", number: 18, demand: Additional, kind: asID, limit: nameLimit, policy: workersPolicy,
		columns: []string{
			IdpColumn, "externalid", "employeeid", "workerid", "employeenumber", "workernumber", "associateid", "wid",
			"workerwid", "empid", "workdayid",
		},
		warnings: warnings{15: CodeSeveralValues, 22: CodeTextDamaged, 37: CodeTooLong},
	},
	Groups: {
		name: "groups", number: 19, demand: Additional, kind: asGroups, policy: workersPolicy,
		columns: []string{
			"groups", "group", "groupnames", "groupname", "usergroups", "membergroups", "groupmemberships",
			"groupsname",
			"groupsgroupname", "groupsgroup", "groupgroupname", "usergroupsname", "usergroupsgroupname",
		},
		warnings: warnings{4: CodeUnknownGroup, 38: CodeGroupsUnreadable, 39: CodeTooManyGroups},
	},
}

// Policies that several fields share.
const (
	namePolicy      = "Person Data: Name"
	contactPolicy   = "Person Data: Work Contact Information"
	levelPolicy     = "Worker Data: Current Management Level Information"
	positionsPolicy = "Worker Data: All Positions"
	workersPolicy   = "Worker Data: Workers"
)

const (
	// IdpColumn is the UsualKey of WorkOS's id of a user at the identity provider.
	IdpColumn = "idpid"
	// StateColumn is the UsualKey of WorkOS's status. In a report it would be a province, so it counts only beside
	// IdpColumn.
	StateColumn = "state"
)

var emailNames = []string{
	"workemail", "primaryworkemail", "emailwork", "emailprimarywork", "workemailprimary", "primaryemail",
	"emailprimary",
	"emailaddress", "workemailaddress", "primaryworkemailaddress", "emailaddresswork", "emailaddressprimarywork",
	"businessemail", "businessemailaddress", "companyemail", "corporateemail", "emailsvalue", "emails", "employeesemail",
}

func managerEmailNames() []string {
	var names []string
	for _, manager := range []string{
		"manager", "managers", "workersmanager", "workermanager", "directmanager", "linemanager", "supervisor",
		"reportsto", "reportingmanager", "workersmanagers",
	} {
		names = append(names, manager+"email")
		for _, email := range emailNames {
			names = append(names, manager+email)
		}
	}
	return append(names, "emailmanager", "emailofmanager", "workemailmanager")
}
