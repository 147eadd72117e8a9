package roster

import (
	"slices"
	"strings"
)

// maxColumns is how many candidate columns a mask has bits for.
const maxColumns = 64

// Columns is a report's dictionary: the names of the columns that some field may use, dotted into objects, in the
// order in which they were first filled. A column's place is its bit in the masks of known rows, so that names are
// only ever added.
type Columns struct {
	Names []string `json:"names"`
}

// UnusedColumn is a column that no field can use, or a candidate that was never filled: its name and in how many of
// the rows read it had a value.
type UnusedColumn struct {
	Name   string `json:"name"`
	Filled int    `json:"filled"`
}

// usualNames are the usual columns of each field, folded and dots left out, the better ones first. A wrong guess
// overwrites good data where none only leaves a field untouched, so that names that might mean something else (user
// name, department as business unit, home email, a plain "Name") are not here.
var usualNames = [FieldCount][]string{
	FirstName: {
		"firstname", "preferredfirstname", "firstnamepreferred", "preferredgivenname", "givenname", "namegivenname", "namefirstname",
		"forename", "legalfirstname", "firstnamelegal", "legalgivenname", "legalnamefirstname",
	},
	LastName: {
		"lastname", "preferredlastname", "lastnamepreferred", "familyname", "namefamilyname", "namelastname", "surname",
		"legallastname", "lastnamelegal", "legalfamilyname", "legalnamelastname",
	},
	Email: append([]string{"email"}, emailNames...),
	ManagementLevel: {
		"managementlevel", "mgmtlevel", "managementleveldescriptor", "managementlevelname",
		"jobmanagementlevel", "joblevel", "careerlevel",
	},
	JobTitle:     {"jobtitle", "businesstitle", "positiontitle", "title", "jobtitles"},
	BusinessUnit: {"businessunit", "businessunitname", "bu", "divisionname", "division", "lineofbusiness"},
	JobFunction:  {"jobfunction", "jobfunctionname", "function", "jobfamilygroup", "jobfamily", "departmentname", "department"},
	PeopleManager: {
		"peoplemanager", "ispeoplemanager", "peoplemanagerstatus", "peoplemanagerflag", "ismanager", "managerflag", "peopleleader",
	},
	ManagerEmail: managerEmailNames(),
	City: {
		"city", "workcity", "locationcity", "officecity", "worklocationcity", "primaryworkaddresscity", "workaddresscity",
		"addresscity", "addresslocality", "addresseslocality", "municipality",
	},
	Country: {
		"country", "workcountry", "locationcountry", "officecountry", "worklocationcountry", "countryname",
		"primaryworkaddresscountry", "workaddresscountry", "addresscountry", "addressescountry",
	},
	Office: {
		"office", "officelocation", "officename", "worklocation", "location", "locationname", "primarylocation",
		"primaryworklocation", "worksite", "site",
	},
	Locale: {
		"locale", "preferredlocale", "userlocale", "localecode", "preferredlanguage", "languagetag",
	},
	Status: {
		stateColumn, "status", "memberstatus", "workerstatus", "userstatus", "profilestatus", "activestatus", "employeestatus",
		"currentlyactive", "activeflag", "isactive", "active",
	},
	ExternalID: {
		idpColumn, "externalid", "employeeid", "workerid", "employeenumber", "workernumber", "associateid", "wid", "workerwid",
	},
	Groups: {
		"groups", "group", "groupnames", "groupname", "usergroups", "membergroups", "groupmemberships", "groupsname",
		"groupsgroupname", "groupsgroup", "groupgroupname", "usergroupsname", "usergroupsgroupname",
	},
}

const (
	idpColumn = "idpid"
	// stateColumn is WorkOS's status; in a report it would be a province. It counts only beside an idp_id.
	stateColumn = "state"
)

var emailNames = []string{
	"workemail", "primaryworkemail", "emailwork", "emailprimarywork", "workemailprimary", "primaryemail", "emailprimary", "emailaddress",
	"workemailaddress", "primaryworkemailaddress", "emailaddresswork", "emailaddressprimarywork", "businessemail",
	"businessemailaddress", "companyemail", "corporateemail", "emailsvalue", "emails",
}

func managerEmailNames() []string {
	var names []string
	for _, manager := range []string{"manager", "managers", "workersmanager", "workermanager", "directmanager", "linemanager", "supervisor", "reportsto"} {
		names = append(names, manager+"email")
		for _, email := range emailNames {
			names = append(names, manager+email)
		}
	}
	return append(names, "emailmanager", "emailofmanager", "workemailmanager")
}

// groupColumns are the usual columns of a group's name in the group report.
var groupColumns = []string{"groupname", "group", "name", "groupdisplayname", "usergroup", "usergroupname"}

// wrappers are objects around a person's own fields, as a report about workers has: they say nothing more. A manager's
// or a department's object is none.
var wrappers = []string{
	"worker", "employee", "person", "user", "profile", "workerdata", "personaldata", "personalinformation", "customattributes",
	"primaryposition", "position", "primaryjob", "job", "jobdata", "employmentdata",
}

// columnKey is the form in which a tenant's own names are compared with a report's.
func columnKey(path string) string {
	var key strings.Builder
	for segment := range strings.SplitSeq(path, ".") {
		key.WriteByte('.')
		key.WriteString(foldColumn(segment))
	}
	return key.String()
}

// foldColumn folds one segment of a path and takes off Workday's marks: wd: of its name space, CF_ of a calculated
// field.
func foldColumn(segment string) string {
	segment = strings.TrimPrefix(strings.TrimSpace(segment), "wd:")
	if len(segment) > 3 && strings.EqualFold(segment[:2], "cf") && strings.IndexByte("_- ", segment[2]) >= 0 {
		segment = segment[3:]
	}
	return fold(segment)
}

// usualKey is the form in which a report's column is compared with the usual names: its folded segments in one, less
// wrappers and Workday's mark of an object (Worker_s_Manager_group).
func usualKey(path string) string {
	segments := strings.Split(path, ".")
	var key strings.Builder
	for i, segment := range segments {
		folded := foldColumn(segment)
		if i < len(segments)-1 {
			if short := strings.TrimSuffix(folded, "group"); short != "" {
				folded = short
			}
			if key.Len() == 0 && slices.Contains(wrappers, folded) {
				continue
			}
		}
		key.WriteString(folded)
	}
	return key.String()
}

var usualFields = func() map[string][]Field {
	fields := map[string][]Field{}
	for f, names := range usualNames {
		for _, name := range names {
			fields[name] = append(fields[name], Field(f))
		}
	}
	return fields
}()

// candidates tells which fields a column may fill: those that the tenant names for it, else those whose usual name it
// has.
func candidates(mapped map[string][]Field, path string) []Field {
	if fields, own := mapped[columnKey(path)]; own {
		return fields
	}
	return usualFields[usualKey(path)]
}

// byColumnKey is the tenant's map with its names as they are compared, in the order of the names as written.
func byColumnKey(fields FieldMap) map[string][]Field {
	keyed := make(map[string][]Field, len(fields))
	for name, filled := range fields {
		key := columnKey(name)
		own := keyed[key]
		for _, f := range filled {
			if f != Role && int(f) < FieldCount && !slices.Contains(own, f) {
				own = append(own, f)
			}
		}
		slices.Sort(own)
		keyed[key] = own
	}
	return keyed
}
