package roster

import (
	"slices"
	"strings"
)

// MaxColumns is how many candidate columns a mask has bits for.
const MaxColumns = 64

// GroupColumns are the usual columns of a group's name in the group report.
var GroupColumns = []string{"groupname", "group", "name", "groupdisplayname", "usergroup", "usergroupname"}

// wrappers are objects around a person's own fields, as a report about workers has: they say nothing more. A manager's
// or a department's object is none.
var wrappers = []string{
	"worker", "employee", "person", "user", "profile", "workerdata", "personaldata", "personalinformation", "customattributes",
	"primaryposition", "position", "primaryjob", "job", "jobdata", "employmentdata",
}

// ColumnKey is the form in which a tenant's own names are compared with a report's.
func ColumnKey(path string) string {
	var key strings.Builder
	for segment := range strings.SplitSeq(path, ".") {
		key.WriteByte('.')
		key.WriteString(FoldColumn(segment))
	}
	return key.String()
}

// FoldColumn folds one segment of a path and takes off Workday's marks: wd: of its name space, CF_ of a calculated
// field.
func FoldColumn(segment string) string {
	segment = strings.TrimPrefix(strings.TrimSpace(segment), "wd:")
	if len(segment) > 3 && strings.EqualFold(segment[:2], "cf") && strings.IndexByte("_- ", segment[2]) >= 0 {
		segment = segment[3:]
	}
	return fold(segment)
}

// UsualKey is the form in which a report's column is compared with the usual names: its folded segments in one, less
// wrappers and Workday's mark of an object (Worker_s_Manager_group).
func UsualKey(path string) string {
	segments := strings.Split(path, ".")
	var key strings.Builder
	for i, segment := range segments {
		folded := FoldColumn(segment)
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

// ByColumnKey is the map with its names as they are compared, the fields of each in order.
func (fields FieldMap) ByColumnKey() map[string][]Field {
	keyed := make(map[string][]Field, len(fields))
	for name, filled := range fields {
		key := ColumnKey(name)
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
