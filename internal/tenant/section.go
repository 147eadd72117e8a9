package tenant

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Problem is one mistake in tenants.yaml.
type Problem struct {
	Line int    // from 1
	Key  string // such as "tenants[acme].schedule.cron"; "" for the file as a whole
	Text string // what is wrong and what to do; never a secret
}

func (p Problem) String() string {
	if p.Key == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return fmt.Sprintf("line %d: %s: %s", p.Line, p.Key, p.Text)
}

// Problems are all mistakes in a file, sorted by line.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// reader reads a file and collects its problems.
type reader struct {
	env      func(string) (string, bool)
	problems Problems
}

func (r *reader) addProblem(line int, key, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

// section is one mapping of the file. Its methods read a key by name. done reports the keys that were never read.
type section struct {
	*reader
	path       string
	line       int
	entries    map[string]entry
	known      []string
	duplicates []duplicate
}

// duplicate is a repeated key.
type duplicate struct {
	name        string
	line, first int
}

type entry struct {
	line  int
	value *yaml.Node
}

// section reads a mapping. Anything else is a problem and yields an empty section.
func (r *reader) section(path string, node *yaml.Node) *section {
	node = follow(node)
	s := &section{reader: r, path: path, line: node.Line, entries: map[string]entry{}}
	if node.Kind != yaml.MappingNode {
		if !empty(node) {
			r.addProblem(node.Line, path, "expected keys with values, as in `key: value`")
		}
		return s
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], follow(node.Content[i+1])
		if first, ok := s.entries[key.Value]; ok {
			s.duplicates = append(s.duplicates, duplicate{name: key.Value, line: key.Line, first: first.line})
			continue
		}
		s.entries[key.Value] = entry{line: key.Line, value: value}
	}
	return s
}

// follow resolves an alias.
func follow(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// empty reports whether a node has no value.
func empty(node *yaml.Node) bool { return node.Kind == 0 || node.Tag == "!!null" }

func (s *section) key(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

// lookup returns the entry of a key. ok is false if the key is absent or has no value.
func (s *section) lookup(name string) (_ entry, ok bool) {
	if !slices.Contains(s.known, name) {
		s.known = append(s.known, name)
	}
	e, ok := s.entries[name]
	return e, ok && !empty(e.value)
}

// reject adds a problem with the value of a key, or with its absence.
func (s *section) reject(name, format string, args ...any) {
	line := s.line
	if e, ok := s.entries[name]; ok {
		line = e.line
	}
	s.addProblem(line, s.key(name), format, args...)
}

// text returns a key's text, or def if the key is absent.
func (s *section) text(name, def string) string {
	e, ok := s.lookup(name)
	if !ok {
		return def
	}
	if e.value.Kind != yaml.ScalarNode {
		s.reject(name, "expected one value")
		return def
	}
	return strings.TrimSpace(e.value.Value)
}

// required returns a key's text. If the key is absent, it adds a problem with the description what.
func (s *section) required(name, what string) string {
	if _, ok := s.lookup(name); !ok {
		s.reject(name, "is missing: %s", what)
		return ""
	}
	return s.text(name, "")
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}?`)

// expanded returns a required text in which each ${NAME} is replaced by the environment variable.
func (s *section) expanded(name, what string) string {
	text := s.required(name, what)
	return variable.ReplaceAllStringFunc(text, func(match string) string {
		variable := strings.TrimSuffix(strings.TrimPrefix(match, "${"), "}")
		value, ok := s.env(variable)
		switch {
		case variable == "" || !strings.HasSuffix(match, "}"):
			s.reject(name, "has an unfinished ${NAME}: write the name of an environment variable between ${ and }")
		case !ok:
			s.reject(name, "environment variable %s is not set; set it for `starter apply`", variable)
		case value == "":
			s.reject(name, "environment variable %s is empty; set it for `starter apply`", variable)
		}
		return value
	})
}

// count returns a whole number from 0 to most, or def.
func (s *section) count(name string, def, most int) int {
	e, ok := s.lookup(name)
	if !ok {
		return def
	}
	n, err := strconv.Atoi(e.value.Value)
	if err != nil || n < 0 || n > most {
		s.reject(name, "write a whole number from 0 to %d (default %d)", most, def)
		return def
	}
	return n
}

// flag returns true or false, or false if the key is absent.
func (s *section) flag(name string) bool {
	e, ok := s.lookup(name)
	if !ok {
		return false
	}
	value, err := strconv.ParseBool(e.value.Value)
	if err != nil {
		s.reject(name, "write true or false")
	}
	return value
}

// span is the default and range of a duration.
type span struct {
	def, low, high time.Duration
	zero           bool // 0 is allowed even if low is larger
}

// duration returns a duration within limits, or the default.
func (s *section) duration(name string, limits span) Duration {
	e, ok := s.lookup(name)
	if !ok {
		return Duration{limits.def}
	}
	d, err := ParseDuration(e.value.Value)
	if err == nil && (d >= limits.low || limits.zero && d == 0) && d <= limits.high {
		return Duration{d}
	}
	zero := ""
	if limits.zero && limits.low > 0 {
		zero = "0, or "
	}
	s.reject(name, "write %sa length of time from %s to %s, as 30m, 72h or 3d; a day is 24h (default %s)",
		zero, short(limits.low), short(limits.high), short(limits.def))
	return Duration{limits.def}
}

// short formats a duration without its zero parts.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// child returns the section under a key. If the key is absent, the section is empty and ok is false.
func (s *section) child(name string) (_ *section, ok bool) {
	e, ok := s.lookup(name)
	if !ok {
		return &section{reader: s.reader, path: s.key(name), line: s.line}, false
	}
	child := s.section(s.key(name), e.value)
	child.line = e.line
	return child, true
}

// done adds a problem for each repeated key and each key that was never read.
func (s *section) done() {
	for _, t := range s.duplicates {
		s.addProblem(t.line, s.key(t.name), "is there twice, first in line %d; remove one", t.first)
	}
	for name, e := range s.entries {
		if slices.Contains(s.known, name) {
			continue
		}
		if near := nearest(name, s.known); near != "" {
			s.addProblem(e.line, s.key(name), "is not a key here: did you mean %s?", near)
			continue
		}
		s.addProblem(e.line, s.key(name), "is not a key here: remove it; known are %s", strings.Join(s.known, ", "))
	}
}

// nearest returns the most similar known name, or "" if none is similar.
func nearest(name string, known []string) string {
	best, least := "", 3
	for _, candidate := range known {
		if d := distance(strings.ToLower(name), candidate); d < least && d < len(candidate) {
			best, least = candidate, d
		}
	}
	return best
}

// distance returns the Levenshtein distance between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
