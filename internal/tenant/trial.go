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

// Trial holds the settings that a preview uses instead of the tenant's own. A nil field keeps the tenant's setting. An
// empty map that isn't nil replaces it.
type Trial struct {
	Fields       roster.FieldMap     `json:"fields,omitzero"`
	GroupColumns []string            `json:"group_columns,omitzero"` // used if Fields isn't nil
	Primary      string              `json:"primary,omitempty"`      // likewise
	Custom       roster.CustomFields `json:"custom,omitempty"`       // likewise
	Levels       map[string]string   `json:"levels,omitzero"`
}

// The keys of a Trial's parts in tenants.yaml.
const (
	FieldsKey = "fields"
	LevelsKey = "levels"
)

// Keys returns the keys of the replaced settings, sorted. It returns none if the trial replaces nothing.
func (t Trial) Keys() []string {
	var keys []string
	if t.Fields != nil {
		keys = append(keys, FieldsKey)
	}
	if t.Levels != nil {
		keys = append(keys, LevelsKey)
	}
	return keys
}

// Payload encodes the trial as JSON for the store, or returns nil if it replaces nothing. Equal trials give equal
// bytes.
func (t Trial) Payload() ([]byte, error) {
	if len(t.Keys()) == 0 {
		return nil, nil
	}
	payload, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encode a trial: %w", err)
	}
	return payload, nil
}

// DecodeTrial decodes the result of Payload.
func DecodeTrial(payload []byte) (t Trial, err error) {
	if len(payload) == 0 {
		return Trial{}, nil
	}
	if err := json.Unmarshal(payload, &t); err != nil {
		return Trial{}, fmt.Errorf("decode a trial: %w", err)
	}
	return t, nil
}

// With returns the tenant with the trial's settings.
func (t Tenant) With(trial Trial) Tenant {
	if trial.Fields != nil {
		t.Fields, t.GroupColumns, t.Primary, t.Custom = trial.Fields, trial.GroupColumns, trial.Primary, trial.Custom
	}
	if trial.Levels != nil {
		t.Levels = trial.Levels
	}
	return t
}

// ParseLevels sets the trial's levels from a file: the content of a tenant's `levels:`, with or without that key. If
// the file is invalid, the error is Problems.
func (t *Trial) ParseLevels(from io.Reader) error {
	return parsePart(from, LevelsKey, "\"M4\": \"Sr. Manager\"", func(r *reader, s *section) {
		if t.Levels = r.levels(s); t.Levels == nil {
			t.Levels = map[string]string{}
		}
	})
}

// ParseFields sets the trial's fields from a file: the content of a tenant's `fields:`, with or without that key. If
// the file is invalid, the error is Problems.
func (t *Trial) ParseFields(from io.Reader) error {
	return parsePart(from, FieldsKey, "Work_Email: email", func(r *reader, s *section) {
		var read Tenant
		t.Fields = r.fields(s, &read)
		if t.GroupColumns, t.Primary, t.Custom = read.GroupColumns, read.Primary, read.Custom; t.Fields == nil {
			t.Fields = roster.FieldMap{}
		}
		if t.GroupColumns == nil {
			t.GroupColumns = []string{}
		}
	})
}

// parsePart reads one part of a tenant's settings from a file. The file is either that part alone or a mapping with
// several parts under their keys.
func parsePart(from io.Reader, key, example string, read func(*reader, *section)) error {
	r := &reader{env: func(string) (string, bool) { return "", false }}
	empty := fmt.Sprintf(
		"the file is empty; write `%s:` and under it lines as `%s`, or these lines alone", key, example,
	)
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
		return r.err() // section added the problem
	case hasPartKeys(s):
		for _, other := range []string{FieldsKey, LevelsKey} {
			s.lookup(other)
		}
		if _, ok := s.entries[key]; !ok {
			s.addProblem(s.line, "", "the file has no `%s:`; it has %s", key, quoted(s.entries))
		}
		s.done()
	default: // the part alone
		wrapped := &yaml.Node{
			Kind: yaml.MappingNode, Line: root.Line,
			Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: key, Line: root.Line}, root},
		}
		s = r.section("", wrapped)
	}
	read(r, s)
	return r.err()
}

// hasPartKeys reports whether a file has its parts under keys. The value of such a key is a mapping or empty, unlike
// the value of a column or level.
func hasPartKeys(s *section) bool {
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
