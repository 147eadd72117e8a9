package main

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// audit is one row of the audit: fields are names, separated by spaces, values JSON; as the store keeps them.
type audit struct {
	seq           int64
	op, why       string
	member, group uuid.UUID
	fields        string
	values        []byte
}

// byName are the audited fields by their names, which is the order in which the audit lists them.
var byName = func() (fields []roster.Field) {
	for field := range roster.Groups {
		fields = append(fields, field)
	}
	slices.SortFunc(fields, func(a, b roster.Field) int { return strings.Compare(a.String(), b.String()) })
	return fields
}()

// absent is what a new member was before.
var absent = member{person: &person{}}

func added(m *member) audit {
	a, _ := differences(&absent, m)
	a.op, a.why = "added", "appeared"
	return a
}

// updated is false when no value differs.
func updated(before, m *member) (audit, bool) {
	a, differ := differences(before, m)
	a.op, a.why = "updated", "row_changed"
	if string(before.values[roster.Status]) == roster.Departed {
		a.op, a.why = "returned", "reappeared"
	}
	return a, differ
}

func departed(id uuid.UUID, status string) audit {
	return audit{
		op: "departed", why: "absent", member: id, fields: roster.Status.String(),
		values: []byte(`[["` + status + `","` + roster.Departed + `"]]`),
	}
}

func groupAdded(id uuid.UUID, name string) audit {
	values := append(pair([]byte{'['}, roster.NoField, nil, []byte(name)), ']')
	return audit{op: "group_added", why: "group_appeared", group: id, fields: "group_name", values: values}
}

func differences(before, after *member) (audit, bool) {
	a := audit{member: after.id, values: make([]byte, 0, 384)}
	var buffer, others [roster.FieldCount]roster.Field
	differ, missing := buffer[:0], others[:0]
	a.values = append(a.values, '[')
	for _, field := range byName {
		if bytes.Equal(before.values[field], after.values[field]) {
			missing = append(missing, field)
			continue
		}
		if len(differ) > 0 {
			a.values = append(a.values, ',')
		}
		differ = append(differ, field)
		if before == &absent {
			a.values = shown(a.values, field, after.values[field])
		} else {
			a.values = pair(a.values, field, before.values[field], after.values[field])
		}
	}
	a.values = append(a.values, ']')
	a.fields = namesOf(differ, missing)
	return a, len(differ) > 0
}

// namesOf are the names of fields: all but for the missing, or one by one.
func namesOf(fields, missing []roster.Field) string {
	switch {
	case len(missing) == 0:
		return "*"
	case len(fields) == 1:
		return fields[0].String()
	case len(missing) < len(fields):
		names := []string{"*"}
		for _, field := range missing {
			names = append(names, "-"+field.String())
		}
		return strings.Join(names, " ")
	}
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.String()
	}
	return strings.Join(names, " ")
}

// pair appends [before, after].
func pair(b []byte, field roster.Field, before, after []byte) []byte {
	b = shown(append(b, '['), field, before)
	b = shown(append(b, ','), field, after)
	return append(b, ']')
}

func shown(b []byte, field roster.Field, value []byte) []byte {
	switch {
	case len(value) == 0:
		return append(b, "null"...)
	case field == roster.PeopleManager && string(value) == "yes":
		return append(b, "true"...)
	case field == roster.PeopleManager:
		return append(b, "false"...)
	}
	for _, c := range value {
		if c < ' ' || c == '"' || c == '\\' {
			b, _ = jsontext.AppendQuote(b, value) // nothing but UTF-8 comes here
			return b
		}
	}
	return append(append(append(b, '"'), value...), '"')
}

// fieldsOf are the names in a groups column.
func fieldsOf(list []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for name := range bytes.SplitSeq(list, []byte{';'}) {
			if name = bytes.TrimSpace(name); len(name) > 0 && !yield(name) {
				return
			}
		}
	}
}

// groupNames reads the report of groups.
func groupNames(ctx context.Context, url string) (names []string, err error) {
	body, err := get(ctx, url, "")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var report struct {
		Entries []struct {
			Name string `json:"group_name"`
		} `json:"Report_Entry"`
	}
	if err := json.UnmarshalRead(body, &report); err != nil {
		return nil, err
	}
	for _, entry := range report.Entries {
		names = append(names, entry.Name)
	}
	return names, nil
}
