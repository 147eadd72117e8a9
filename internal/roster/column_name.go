package roster

import (
	"slices"
	"strings"
)

// MaxColumns is the number of candidate columns in a report: a mask has one bit for each.
const MaxColumns = 64

// GroupColumns are the usual columns of a group's name in the group report, as UsualKey returns them. The best
// comes first.
var GroupColumns = []string{"groupname", "group", "name", "groupdisplayname", "usergroup", "usergroupname"}

// wrappers are objects that hold a person's own fields, as in a report about workers. They add nothing to a
// column's meaning. The object of a manager or a department isn't one.
var wrappers = []string{
	"worker", "employee", "person", "user", "profile", "workerdata", "personaldata", "personalinformation",
	"customattributes",
	"primaryposition", "position", "primaryjob", "job", "jobdata", "employmentdata",
}

// ColumnKey returns the form in which a column that the tenant's settings name is compared with a report's columns.
func ColumnKey(path string) string {
	var key strings.Builder
	for segment := range strings.SplitSeq(path, ".") {
		key.WriteByte('.')
		key.WriteString(FoldColumn(segment))
	}
	return key.String()
}

// FoldColumn folds one segment of a column's path to lower-case letters and digits. It removes Workday's prefixes:
// "wd:" of its name space, and "CF_" of a calculated field.
func FoldColumn(segment string) string {
	segment = strings.TrimPrefix(strings.TrimSpace(segment), "wd:")
	if len(segment) > 3 && strings.EqualFold(segment[:2], "cf") && strings.IndexByte("_- ", segment[2]) >= 0 {
		segment = segment[3:]
	}
	return fold(segment)
}

// UsualKey returns the form in which a report's column is compared with the usual names. It joins the folded
// segments and leaves out wrappers and Workday's suffix of an object (Worker_s_Manager_group).
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

// ByColumnKey returns the map by ColumnKey. The fields of each column are sorted, and derived fields are left out.
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
