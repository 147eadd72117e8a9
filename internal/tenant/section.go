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

// Problem is one thing to put right in tenants.yaml.
type Problem struct {
	Line int    // from 1
	Key  string // as "tenants[acme].schedule.cron"; "" for the file as a whole
	Text string // what is wrong and what to do; never a secret
}

func (p Problem) String() string {
	if p.Key == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return fmt.Sprintf("line %d: %s: %s", p.Line, p.Key, p.Text)
}

// Problems are all that is wrong with a file, by line.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// reader walks a file and notes its problems.
type reader struct {
	env      func(string) (string, bool)
	problems Problems
}

func (r *reader) note(line int, key, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

// section is one mapping of the file. Each key is asked for by name; done reports those that nobody asked for.
type section struct {
	*reader
	path    string
	line    int
	entries map[string]entry
	asked   []string
	twice   []twice
}

// twice is a key that was there already.
type twice struct {
	name        string
	line, first int
}

type entry struct {
	line  int
	value *yaml.Node
}

// section reads a mapping; anything else is noted, and reads as an empty one.
func (r *reader) section(path string, node *yaml.Node) *section {
	node = follow(node)
	s := &section{reader: r, path: path, line: node.Line, entries: map[string]entry{}}
	if node.Kind != yaml.MappingNode {
		if !empty(node) {
			r.note(node.Line, path, "expected keys with values, as in `key: value`")
		}
		return s
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], follow(node.Content[i+1])
		if first, ok := s.entries[key.Value]; ok {
			s.twice = append(s.twice, twice{name: key.Value, line: key.Line, first: first.line})
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

// empty tells whether a key has no value.
func empty(node *yaml.Node) bool { return node.Kind == 0 || node.Tag == "!!null" }

func (s *section) key(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

// lookup is the value of a key, if it has one.
func (s *section) lookup(name string) (entry, bool) {
	if !slices.Contains(s.asked, name) {
		s.asked = append(s.asked, name)
	}
	e, ok := s.entries[name]
	return e, ok && !empty(e.value)
}

// wrong notes a problem with the value of a key, or with its absence.
func (s *section) wrong(name, format string, args ...any) {
	line := s.line
	if e, ok := s.entries[name]; ok {
		line = e.line
	}
	s.note(line, s.key(name), format, args...)
}

// text is a key's text, or def.
func (s *section) text(name, def string) string {
	e, ok := s.lookup(name)
	if !ok {
		return def
	}
	if e.value.Kind != yaml.ScalarNode {
		s.wrong(name, "expected one value")
		return def
	}
	return strings.TrimSpace(e.value.Value)
}

// required is a key's text; its absence is noted with what it is.
func (s *section) required(name, what string) string {
	if _, ok := s.lookup(name); !ok {
		s.wrong(name, "is missing: %s", what)
		return ""
	}
	return s.text(name, "")
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}?`)

// expanded is a required text with each ${NAME} taken from the environment.
func (s *section) expanded(name, what string) string {
	text := s.required(name, what)
	return variable.ReplaceAllStringFunc(text, func(match string) string {
		variable := strings.TrimSuffix(strings.TrimPrefix(match, "${"), "}")
		value, ok := s.env(variable)
		switch {
		case variable == "" || !strings.HasSuffix(match, "}"):
			s.wrong(name, "has an unfinished ${NAME}: write the name of an environment variable between ${ and }")
		case !ok:
			s.wrong(name, "environment variable %s is not set; set it for `starter apply`", variable)
		case value == "":
			s.wrong(name, "environment variable %s is empty; set it for `starter apply`", variable)
		}
		return value
	})
}

// count is a whole number from low to high, or def.
func (s *section) count(name string, def, low, high int) int {
	e, ok := s.lookup(name)
	if !ok {
		return def
	}
	n, err := strconv.Atoi(e.value.Value)
	if err != nil || n < low || n > high {
		s.wrong(name, "write a whole number from %d to %d (default %d)", low, high, def)
		return def
	}
	return n
}

// span is what a duration may be.
type span struct {
	def, low, high time.Duration
	zero           bool // 0 is allowed though below low
}

// duration is a length of time within limits, or the default.
func (s *section) duration(name string, limits span) Duration {
	e, ok := s.lookup(name)
	if !ok {
		return Duration{limits.def}
	}
	d, err := time.ParseDuration(e.value.Value)
	if err == nil && (d >= limits.low || limits.zero && d == 0) && d <= limits.high {
		return Duration{d}
	}
	zero := ""
	if limits.zero && limits.low > 0 {
		zero = "0, or "
	}
	s.wrong(name, "write %sa length of time from %s to %s, as 90s, 30m or 72h; a day is 24h (default %s)",
		zero, short(limits.low), short(limits.high), short(limits.def))
	return Duration{limits.def}
}

// short writes a duration without its zero parts.
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

// child is a key's own section; when the key is absent, an empty one and false.
func (s *section) child(name string) (*section, bool) {
	e, ok := s.lookup(name)
	if !ok {
		return &section{reader: s.reader, path: s.key(name), line: s.line}, false
	}
	child := s.section(s.key(name), e.value)
	child.line = e.line
	return child, true
}

// done notes the keys that are there twice, and those that nobody asked for.
func (s *section) done() {
	for _, t := range s.twice {
		s.note(t.line, s.key(t.name), "is there twice, first in line %d; remove one", t.first)
	}
	for name, e := range s.entries {
		if slices.Contains(s.asked, name) {
			continue
		}
		if near := nearest(name, s.asked); near != "" {
			s.note(e.line, s.key(name), "is not a key here: did you mean %s?", near)
			continue
		}
		s.note(e.line, s.key(name), "is not a key here: remove it; known are %s", strings.Join(s.asked, ", "))
	}
}

// nearest is the known name that was probably meant, or "".
func nearest(name string, known []string) string {
	best, least := "", 3
	for _, candidate := range known {
		if d := distance(strings.ToLower(name), candidate); d < least && d < len(candidate) {
			best, least = candidate, d
		}
	}
	return best
}

// distance is how many letters must be put in, left out or replaced to make b of a.
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
