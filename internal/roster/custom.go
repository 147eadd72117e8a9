package roster

import (
	"cmp"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Custom fields are the tenant's own: text from columns that the tenant's settings name. All of a member's custom
// values are one value, Values[Custom]: a JSON object of texts by name, with sorted names and without empty texts, or "" if
// there are none. So a tenant without custom fields has one empty value more, however many fields others have.
//
// In a User, Values[Custom] is a JSON merge patch (RFC 7396) in the same form, with null for a value that the row clears. A
// name that isn't in the patch keeps the member's own value. Law: PatchCustom(v, p) has the values of p for the names
// of p, and those of v for all others.

// MaxCustom is the maximal number of custom fields of a tenant.
const MaxCustom = 50

// CustomPrefix comes before the name of a custom field wherever fields are named, as in "custom.cost_center".
const CustomPrefix = "custom."

var customName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ParseFieldName returns the field with the given name, as issues and the audit write it. For a custom field, such as
// custom.cost_center, it is Custom.
func ParseFieldName(name string) (Field, bool) {
	if custom, is := strings.CutPrefix(name, CustomPrefix); is {
		return Custom, ValidCustomName(custom)
	}
	return ParseField(name)
}

// ValidCustomName reports whether a custom field may have the name, which has no prefix.
func ValidCustomName(name string) bool { return customName.MatchString(name) }

// CustomFields are a tenant's custom fields: the column of each, as the settings write it, by name.
type CustomFields map[string]string

// Select returns the values of a member that the tenant's settings name. Others are kept, but not shown.
func (c CustomFields) Select(values string) string {
	return SelectCustom(values, func(name string) bool { return c[name] != "" })
}

// Names returns the names of the fields, sorted.
func (c CustomFields) Names() []string { return slices.Sorted(maps.Keys(c)) }

// byColumnKey returns the sorted names of the fields that each column fills, by ColumnKey.
func (c CustomFields) byColumnKey() map[string][]string {
	names := make(map[string][]string, len(c))
	for _, name := range c.Names() {
		key := ColumnKey(c[name])
		names[key] = append(names[key], name)
	}
	return names
}

// CustomByColumnKey returns the sorted names of the custom fields that each column fills, by ColumnKey.
func (m Mappings) CustomByColumnKey() map[string][]string { return m.Custom.byColumnKey() }

// CustomValue is the value of one custom field.
type CustomValue struct {
	Name string
	Text string // "": the field is empty, or the patch clears it
}

// AppendCustom appends the value of one field to a Values[Custom] or a patch. Append the values in the order of their
// names. Only a patch has empty texts.
func AppendCustom(to []byte, v CustomValue) []byte {
	if len(to) == 0 {
		to = append(to, '{')
	} else {
		to[len(to)-1] = ','
	}
	to = append(append(append(to, '"'), v.Name...), `":`...)
	if v.Text == "" {
		to = append(to, customNull...)
	} else {
		to, _ = jsontext.AppendQuote(to, v.Text) // the only error is invalid UTF-8, which normal text has not
	}
	return append(to, '}')
}

// Customs yields the values of a Values[Custom] or of a patch, by name. It yields nothing for text in another form.
func Customs(text string) iter.Seq[CustomValue] {
	return func(yield func(CustomValue) bool) {
		for c := firstCustom(text); c.name != "" && yield(CustomValue{c.name, c.text()}); c.next() {
		}
	}
}

// customCursor reads a Values[Custom] or a patch, one field after the other.
type customCursor struct {
	name string // "": the end, or text in another form
	raw  string // the value as JSON: a text or null
	rest string
}

func firstCustom(text string) customCursor {
	c := customCursor{rest: text}
	c.next()
	return c
}

const customNull = "null"

// next goes to the next field.
func (c *customCursor) next() {
	rest := c.rest
	*c = customCursor{}
	if len(rest) < 3 || rest[1] != '"' { // after { or ,
		return
	}
	name, value, ok := strings.Cut(rest[2:], `":`)
	if !ok {
		return
	}
	end := len(customNull)
	if !strings.HasPrefix(value, customNull) {
		if end = endOfText(value); end < 0 {
			return
		}
	}
	c.name, c.raw, c.rest = name, value[:end], value[end:]
}

// endOfText returns the length of the JSON text at the start of value, or -1.
func endOfText(value string) int {
	for end := 1; end < len(value); end++ {
		switch value[end] {
		case '\\':
			end++
		case '"':
			return end + 1
		}
	}
	return -1
}

// text returns the value, or "" for null.
func (c *customCursor) text() string {
	switch {
	case c.raw == customNull:
		return ""
	case strings.IndexByte(c.raw, '\\') < 0:
		return c.raw[1 : len(c.raw)-1]
	}
	unquoted, _ := jsontext.AppendUnquote(nil, c.raw) // the only error is text in another form
	return string(unquoted)
}

// CustomText returns the value of one custom field in a Values[Custom], or "".
func CustomText(values, name string) string {
	for v := range Customs(values) {
		if v.Name == name {
			return v.Text
		}
	}
	return ""
}

// PatchCustom returns values with a patch applied.
func PatchCustom(values, patch string) string { return mergeCustom(values, patch, false) }

// MergeCustomPatches returns the patch that does what first and then second do.
func MergeCustomPatches(first, second string) string { return mergeCustom(first, second, true) }

// SelectCustom returns the values of the fields that are wanted.
func SelectCustom(values string, wanted func(name string) bool) string {
	var selected []byte
	for v := range Customs(values) {
		if wanted(v.Name) {
			selected = AppendCustom(selected, v)
		}
	}
	return string(selected)
}

func mergeCustom(values, patch string, keepEmpty bool) string {
	if patch == "" || values == "" && (keepEmpty || !strings.Contains(patch, customNull)) {
		return cmp.Or(patch, values)
	}
	merged := make([]byte, 0, len(values)+len(patch))
	for old, now := firstCustom(values), firstCustom(patch); old.name != "" || now.name != ""; {
		from := &now
		switch order := compareCustom(&old, &now); {
		case order < 0:
			from = &old
		case order == 0:
			old.next()
		}
		if keepEmpty || from.raw != customNull {
			merged = append(append(append(append(merged, ",\""...), from.name...), "\":"...), from.raw...)
		}
		from.next()
	}
	if len(merged) == 0 {
		return ""
	}
	merged[0] = '{'
	return string(append(merged, '}'))
}

// compareCustom compares the names of two fields. The end comes last.
func compareCustom(a, b *customCursor) int {
	switch {
	case a.name == "":
		return 1
	case b.name == "":
		return -1
	}
	return strings.Compare(a.name, b.name)
}

// CustomDifference is a custom field whose value differs. An empty value is "".
type CustomDifference struct {
	Name          string
	Before, After string
}

// CustomDifferences returns the fields in which two Values[Custom] differ, by name.
func CustomDifferences(before, after string) (found []CustomDifference) {
	if before == after {
		return nil
	}
	for old, now := firstCustom(before), firstCustom(after); old.name != "" || now.name != ""; {
		switch order := compareCustom(&old, &now); {
		case order < 0:
			found = append(found, CustomDifference{Name: old.name, Before: old.text()})
			old.next()
		case order > 0:
			found = append(found, CustomDifference{Name: now.name, After: now.text()})
			now.next()
		default:
			if old.raw != now.raw {
				found = append(found, CustomDifference{now.name, old.text(), now.text()})
			}
			old.next()
			now.next()
		}
	}
	return found
}

// losesCustom reports whether a field that has a value before has none after.
func losesCustom(before, after string) bool {
	return slices.ContainsFunc(CustomDifferences(before, after), func(d CustomDifference) bool { return d.After == "" })
}

// LosesValue reports whether a member whose value of f was before loses a value, or for Custom that of any field.
func (f Field) LosesValue(before, after string) bool {
	if f == Custom {
		return losesCustom(before, after)
	}
	return before != "" && after == ""
}

// CustomBinding is a custom field that a column of the report fills.
type CustomBinding struct {
	Name   string `json:"name"`
	Number int    `json:"number"` // of its bit in the masks of known rows
	Column string `json:"column"` // as the tenant's settings write it
}

// CustomID returns the id of the values of the custom field with a number, in the cell that holds the values of all
// custom fields of a row.
func CustomID(number int) string { return customIDs[number : number+1] }

// customIDs are the ids, one byte each.
var customIDs = func() string {
	ids := make([]byte, MaxColumns)
	for i := range ids {
		ids[i] = customIDBase + byte(i)
	}
	return string(ids)
}()

const customIDBase = '0'

// customNumber returns the number of the field with an id, or -1.
func customNumber(id string) int {
	if len(id) != 1 || id[0] < customIDBase || id[0] >= customIDBase+MaxColumns {
		return -1
	}
	return int(id[0] - customIDBase)
}
