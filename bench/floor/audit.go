package main

import (
	"bytes"
	"context"
	"iter"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// audit is one row of the audit in the store's format: fields are numbers, values are JSON.
type audit struct {
	seq           int64
	op, why       string
	member, group uuid.UUID
	fields        string
	values        []byte
}

// byNumber are the audited fields in the order of the audit.
var byNumber = slices.SortedFunc(roster.ValueFields(), func(a, b roster.Field) int { return a.Number() - b.Number() })

// absent is the previous state of a new member.
var absent = member{person: &person{}}

func added(m *member, known tables.NumbersBySet) audit {
	a, _ := differences(&absent, m, known)
	a.op, a.why = "added", "appeared"
	return a
}

// updated returns false if no value differs.
func updated(before, m *member, known tables.NumbersBySet) (audit, bool) {
	a, differ := differences(before, m, known)
	a.op, a.why = "updated", "row_changed"
	if string(before.values[roster.Status]) == roster.Departed {
		a.op, a.why = "returned", "reappeared"
	}
	return a, differ
}

func departed(id uuid.UUID, status string) audit {
	return audit{
		op: "departed", why: "absent", member: id, fields: tables.NumbersOf(1 << roster.Status),
		values: []byte(`[["` + status + `","` + roster.Departed + `"]]`),
	}
}

func groupAdded(id uuid.UUID, name string) audit {
	values := append(pair([]byte{'['}, roster.NoField, nil, []byte(name)), ']')
	return audit{op: "group_added", why: "group_appeared", group: id, fields: "1:0", values: values}
}

func differences(before, after *member, known tables.NumbersBySet) (audit, bool) {
	a := audit{member: after.id, values: make([]byte, 0, 384)}
	var differ roster.FieldSet
	a.values = append(a.values, '[')
	for _, field := range byNumber {
		if bytes.Equal(before.values[field], after.values[field]) {
			continue
		}
		if differ != 0 {
			a.values = append(a.values, ',')
		}
		differ |= 1 << field
		if before == &absent {
			a.values = shown(a.values, field, after.values[field])
		} else {
			a.values = pair(a.values, field, before.values[field], after.values[field])
		}
	}
	a.values = append(a.values, ']')
	a.fields = known.Of(differ)
	return a, differ != 0
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
			b, _ = jsontext.AppendQuote(b, value) // the value is valid UTF-8
			return b
		}
	}
	return append(append(append(b, '"'), value...), '"')
}

// fieldsOf yields the names in a groups column.
func fieldsOf(list []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for name := range bytes.SplitSeq(list, []byte{';'}) {
			if name = bytes.TrimSpace(name); len(name) > 0 && !yield(name) {
				return
			}
		}
	}
}

// groupNames reads the group report.
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
