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
	for f := range Fields() {
		for _, name := range f.row().columns {
			fields[name] = append(fields[name], f)
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
			if int(f) < FieldCount && !f.Derived() && !slices.Contains(own, f) {
				own = append(own, f)
			}
		}
		slices.Sort(own)
		keyed[key] = own
	}
	return keyed
}
