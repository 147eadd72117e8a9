package tables

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// auditOrder lists the fields that a member's audit row may name, by number.
var auditOrder = func() (fields []roster.Field) {
	for f := range roster.Fields() {
		if f != roster.Groups {
			fields = append(fields, f)
		}
	}
	slices.SortFunc(fields, func(a, b roster.Field) int { return cmp.Compare(a.Number(), b.Number()) })
	return fields
}()

// AuditFields returns the fields that c changes, in the form that an audit row stores. It appends the values to buffer
// and returns the result. A text that can't be stored is ErrBadText.
//
// Every change of every sync passes here. So it says the same as Change.Fields, but without making a map.
func AuditFields(buffer []byte, c *plan.Change, numbers NumbersBySet) (names string, values []byte, err error) {
	switch c.Verb {
	case plan.AddGroup, plan.UpdateGroup, plan.RemoveGroup:
		var before, after string
		if c.BeforeGroup != nil {
			before = c.BeforeGroup.Name
		}
		if c.AfterGroup != nil {
			after = c.AfterGroup.Name
		}
		if before == after {
			return "", buffer, nil
		}
		values, err = appendPair(append(buffer, '['), roster.NoField, before, after)
		return auditVersion + groupNameNumber, append(values, ']'), err
	case plan.AddMembership, plan.RemoveMembership:
		return "", buffer, nil
	}
	return memberFields(buffer, c, numbers)
}

// LinkedIDFields returns the decision about an external id in the form that an audit row stores: whose it was and is, as
// the ids of a member's link. A text that can't be stored is ErrBadText.
func LinkedIDFields(before, after string) (names string, values []byte, err error) {
	values, err = appendPair([]byte{'['}, roster.NoField, before, after)
	return auditVersion + linkedIDNumber, append(values, ']'), err
}

// NoMember stands for the member before it is added and after it is deleted.
var NoMember roster.Member

func memberFields(buffer []byte, c *plan.Change, numbers NumbersBySet) (names string, values []byte, err error) {
	before, after := c.Before, c.After
	if before == nil {
		before = &NoMember
	}
	if after == nil {
		after = &NoMember
	}
	var differ roster.FieldSet
	values = buffer
	values = append(values, '[')
	for _, field := range auditOrder {
		b, a := before.ExternalID, after.ExternalID
		same := b == a && before.ExternalKind == after.ExternalKind
		if field != roster.ExternalID {
			b, a = before.Values[field], after.Values[field]
			same = b == a
		}
		if same {
			continue
		}
		if differ != 0 {
			values = append(values, ',')
		}
		differ |= 1 << field
		if c.Before == nil {
			values, err = appendShown(values, field, a)
		} else {
			values, err = appendPair(values, field, b, a)
		}
		if err != nil {
			return "", buffer, err
		}
	}
	return numbers.Of(differ), append(values, ']'), nil
}

// An audit row names its fields by a version, a colon and the fields' numbers in ascending order. Consecutive numbers
// are written as a range: "1:1-15 18". The row's values have the same order.
const (
	auditVersion = "1:"
	// groupNameNumber stands for a group's name, which isn't a member's field.
	groupNameNumber = "0"
	// linkedIDNumber stands for an id that a person decided about, which isn't a member's field either.
	linkedIDNumber = "900"
)

// NumbersBySet caches the text of NumbersOf. Nearly all changes of a batch have one of a few sets of fields.
type NumbersBySet map[roster.FieldSet]string

// Of returns NumbersOf(set), and remembers it.
func (n NumbersBySet) Of(set roster.FieldSet) string {
	text, known := n[set]
	if !known {
		text = NumbersOf(set)
		n[set] = text
	}
	return text
}

// NumbersOf returns a set of fields in the form that an audit row stores. It returns "" for the empty set.
func NumbersOf(set roster.FieldSet) string {
	if set == 0 {
		return ""
	}
	var ranges [][2]int
	for _, field := range auditOrder {
		if !set.Has(field) {
			continue
		}
		n := field.Number()
		if last := len(ranges) - 1; last >= 0 && ranges[last][1] == n-1 {
			ranges[last][1] = n
		} else {
			ranges = append(ranges, [2]int{n, n})
		}
	}
	parts := make([]string, len(ranges))
	for i, r := range ranges {
		if parts[i] = strconv.Itoa(r[0]); r[1] > r[0] {
			parts[i] += "-" + strconv.Itoa(r[1])
		}
	}
	return auditVersion + strings.Join(parts, " ")
}

// FieldNames returns the names of an audit row's fields, in the order of the row's values. The name of a field that
// only another release knows is "". An unknown version is a *wire.VersionError.
func FieldNames(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	numbers, ok := strings.CutPrefix(text, auditVersion)
	if !ok {
		version, _, _ := strings.Cut(text, ":")
		if n, err := strconv.ParseUint(version, 10, 8); err == nil && n > 1 {
			return nil, &wire.VersionError{Version: byte(n), Known: 1}
		}
		return nil, fmt.Errorf("an audit row has the fields %q", text)
	}
	var names []string
	for part := range strings.FieldsSeq(numbers) {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || to < from || to > maxAuditNumber {
			return nil, fmt.Errorf("an audit row has the fields %q", text)
		}
		for n := from; n <= to; n++ {
			names = append(names, nameOf(n))
		}
	}
	return names, nil
}

// maxAuditNumber is larger than the number of any field.
const maxAuditNumber = 1000

func nameOf(number int) string {
	switch strconv.Itoa(number) {
	case groupNameNumber:
		return plan.GroupName
	case linkedIDNumber:
		return plan.LinkedID
	}
	return roster.FieldNumbered(number).String()
}

// fieldPairs decodes the values of an audit row as pairs of before and after. A single value is that of an added
// member.
func fieldPairs(text []byte) ([][2]any, error) {
	var values []any
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, err
	}
	pairs := make([][2]any, len(values))
	for i, value := range values {
		switch pair, ok := value.([]any); {
		case !ok:
			pairs[i][1] = value
		case len(pair) == len(pairs[i]):
			copy(pairs[i][:], pair)
		default:
			return nil, errors.New("an audit row has values that aren't pairs")
		}
	}
	return pairs, nil
}

// splitCustom adds the pair of Custom, whose values are objects, under the name of each custom field. A pair without
// values stays one field.
func splitCustom(fields map[string][2]any, pair [2]any) {
	if pair == [2]any{} {
		fields[roster.Custom.String()] = pair
		return
	}
	for i, object := range pair {
		values, _ := object.(map[string]any)
		for name, value := range values {
			both := fields[roster.CustomPrefix+name]
			both[i] = value
			fields[roster.CustomPrefix+name] = both
		}
	}
}

// appendPair appends [before, after], each as Field.Shown shows it.
func appendPair(to []byte, field roster.Field, before, after string) ([]byte, error) {
	if field == roster.Custom {
		return appendCustomPair(to, before, after), nil
	}
	to, err := appendShown(append(to, '['), field, before)
	if err != nil {
		return nil, err
	}
	to, err = appendShown(append(to, ','), field, after)
	return append(to, ']'), err
}

// appendCustomPair appends [before, after] of the custom fields that differ, each as an object by name, or as null if none
// has a value.
func appendCustomPair(to []byte, before, after string) []byte {
	var old, now []byte
	for _, d := range roster.CustomDifferences(before, after) {
		if d.Before != "" {
			old = roster.AppendCustom(old, roster.CustomValue{Name: d.Name, Text: d.Before})
		}
		if d.After != "" {
			now = roster.AppendCustom(now, roster.CustomValue{Name: d.Name, Text: d.After})
		}
	}
	for i, object := range [...][]byte{old, now} {
		if len(object) == 0 {
			object = []byte("null")
		}
		to = append(append(to, "[,"[i]), object...)
	}
	return append(to, ']')
}

func appendShown(to []byte, field roster.Field, value string) ([]byte, error) {
	switch {
	case value == "":
		return append(to, "null"...), nil
	case field == roster.Custom:
		return append(to, value...), nil // it is JSON
	case field.Flag():
		return strconv.AppendBool(to, value == roster.Yes), nil
	case needsNoEscape(value):
		return append(append(append(to, '"'), value...), '"'), nil
	case !KeepableText(value):
		return to, ErrBadText
	}
	return jsontext.AppendQuote(to, value)
}

// needsNoEscape reports whether a text becomes JSON by adding quotes alone.
func needsNoEscape(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
