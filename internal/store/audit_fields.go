package store

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// auditOrder are the fields that a member's audit may name, by name.
var auditOrder = func() (fields []roster.Field) {
	for f := range roster.Groups {
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b roster.Field) int { return strings.Compare(a.String(), b.String()) })
	return fields
}()

// auditFields are the fields that c changes: what Change.Fields says, as it is kept. It is written without the map, as
// every change of every sync passes here: to to, which it may have grown.
func auditFields(to []byte, c *plan.Change) (names string, values []byte, err error) {
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
			return "", to, nil
		}
		values, err = appendPair(append(to, '['), roster.NoField, before, after)
		return plan.GroupName, append(values, ']'), err
	case plan.AddMembership, plan.RemoveMembership:
		return "", to, nil
	}
	return profileFields(to, c)
}

// nobody is who a member was before being added, and is once deleted.
var nobody roster.Member

func profileFields(to []byte, c *plan.Change) (names string, values []byte, err error) {
	before, after := c.Before, c.After
	if before == nil {
		before = &nobody
	}
	if after == nil {
		after = &nobody
	}
	var differ roster.FieldSet
	values = append(to, '[')
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
		if values, err = appendPair(values, field, b, a); err != nil {
			return "", to, err
		}
	}
	return namesOf(differ), append(values, ']'), nil
}

// everyName are the names of all fields: those of most new members, so that they are one text.
var everyName = joinNames(1<<roster.Groups - 1)

func namesOf(set roster.FieldSet) string {
	if set == 1<<roster.Groups-1 {
		return everyName
	}
	return joinNames(set)
}

func joinNames(set roster.FieldSet) string {
	var names []string
	for _, field := range auditOrder {
		if set.Has(field) {
			names = append(names, field.String())
		}
	}
	return strings.Join(names, " ")
}

// appendPair appends [before, after], as plan.Shown shows them.
func appendPair(to []byte, field roster.Field, before, after string) ([]byte, error) {
	to, err := appendShown(append(to, '['), field, before)
	if err != nil {
		return nil, err
	}
	to, err = appendShown(append(to, ','), field, after)
	return append(to, ']'), err
}

func appendShown(to []byte, field roster.Field, value string) ([]byte, error) {
	switch {
	case value == "":
		return append(to, "null"...), nil
	case field == roster.PeopleManager && value == "yes":
		return append(to, "true"...), nil
	case field == roster.PeopleManager:
		return append(to, "false"...), nil
	}
	return jsontext.AppendQuote(to, value)
}
