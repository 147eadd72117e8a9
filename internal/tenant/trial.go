package tenant

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rollcall/rollcall/internal/roster"
)

// Trial is what a preview tries in place of a tenant's own settings. What is nil isn't tried: the tenant's own holds; an
// empty map that isn't nil is tried like any other.
type Trial struct {
	Fields       roster.FieldMap   `json:"fields,omitzero"`
	GroupColumns []string          `json:"group_columns,omitzero"` // goes with Fields
	Levels       map[string]string `json:"levels,omitzero"`
}

// The parts of a Trial, as they are called in tenants.yaml.
const (
	FieldsKey = "fields"
	LevelsKey = "levels"
)

// Tries names what is tried, sorted; nothing means that it is no trial.
func (t Trial) Tries() []string {
	var tries []string
	if t.Fields != nil {
		tries = append(tries, FieldsKey)
	}
	if t.Levels != nil {
		tries = append(tries, LevelsKey)
	}
	return tries
}

// Payload is what the store keeps with the request; nil for no trial. Equal trials give equal bytes.
func (t Trial) Payload() ([]byte, error) {
	if len(t.Tries()) == 0 {
		return nil, nil
	}
	payload, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encode what is to be tried: %w", err)
	}
	return payload, nil
}

// ReadTrial reads what Payload wrote.
func ReadTrial(payload []byte) (t Trial, err error) {
	if len(payload) == 0 {
		return Trial{}, nil
	}
	if err := json.Unmarshal(payload, &t); err != nil {
		return Trial{}, fmt.Errorf("read what is to be tried: %w", err)
	}
	return t, nil
}

// Under is the tenant as it would be under a trial.
func (t Tenant) Under(trial Trial) Tenant {
	if trial.Fields != nil {
		t.Fields, t.GroupColumns = trial.Fields, trial.GroupColumns
	}
	if trial.Levels != nil {
		t.Levels = trial.Levels
	}
	return t
}

// ParseLevels adds the levels of a file to the trial: what stands under `levels:` of a tenant, with or without that key.
// What is wrong with the file comes back as Problems.
func (t *Trial) ParseLevels(from io.Reader) error {
	return parsePart(from, LevelsKey, "\"M4\": \"Sr. Manager\"", func(r *reader, s *section) {
		if t.Levels = r.levels(s); t.Levels == nil {
			t.Levels = map[string]string{}
		}
	})
}

// ParseFields likewise adds what stands under `fields:`.
func (t *Trial) ParseFields(from io.Reader) error {
	return parsePart(from, FieldsKey, "Work_Email: email", func(r *reader, s *section) {
		if t.Fields, t.GroupColumns = r.fields(s); t.Fields == nil {
			t.Fields = roster.FieldMap{}
		}
		if t.GroupColumns == nil {
			t.GroupColumns = []string{}
		}
	})
}

// parsePart reads a file that is one part of a tenant's settings. The file may have the parts that can be tried beside each
// other, each under its key, or be the part alone.
func parsePart(from io.Reader, key, example string, read func(*reader, *section)) error {
	r := &reader{env: func(string) (string, bool) { return "", false }}
	empty := fmt.Sprintf("the file is empty; write `%s:` and under it lines as `%s`, or these lines alone", key, example)
	root, err := r.document(from, empty, "put all under one `"+key+":`")
	if err != nil {
		return err
	}
	root = follow(root)
	s := r.section("", root)
	switch {
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		return Problems{{Line: max(root.Line, 1), Text: empty}}
	case root.Kind != yaml.MappingNode:
		return r.found() // section has noted it
	case keyed(s):
		for _, other := range []string{FieldsKey, LevelsKey} {
			s.lookup(other)
		}
		if _, there := s.entries[key]; !there {
			s.note(s.line, "", "the file has no `%s:`; it has %s", key, quoted(s.entries))
		}
		s.done()
	default: // the part alone
		bare := &yaml.Node{Kind: yaml.MappingNode, Line: root.Line, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: key, Line: root.Line}, root}}
		s = r.section("", bare)
	}
	read(r, s)
	return r.found()
}

// keyed tells whether a file has its parts under keys: their values are mappings then (or nothing), which no column or
// level has.
func keyed(s *section) bool {
	for _, key := range []string{FieldsKey, LevelsKey} {
		if e, ok := s.entries[key]; ok && (e.value.Kind == yaml.MappingNode || empty(e.value)) {
			return true
		}
	}
	return false
}

func quoted(entries map[string]entry) string {
	return "`" + strings.Join(slices.Sorted(maps.Keys(entries)), ":`, `") + ":`"
}
