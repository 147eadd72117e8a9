package tenant

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/rollcall/rollcall/internal/endpoint"
	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/roster"
)

const maxFileBytes = 16 << 20

var idRule = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// The defaults and ranges of the durations in the file.
var (
	jitterSpan    = span{def: time.Minute, high: time.Hour}
	catchupSpan   = span{def: 10 * time.Minute, low: 10 * time.Second, high: 168 * time.Hour}
	holdSpan      = span{def: 72 * time.Hour, low: time.Minute, high: 720 * time.Hour}
	graceSpan     = span{def: 720 * time.Hour, high: 17520 * time.Hour}
	stallSpan     = span{def: 30 * time.Minute, low: time.Minute, high: 24 * time.Hour}
	compareSpan   = span{def: 168 * time.Hour, low: time.Hour, high: 720 * time.Hour, zero: true}
	retentionSpan = span{def: defaultRetention, low: 24 * time.Hour, high: 17520 * time.Hour}
)

// Parse reads tenants.yaml and expands ${NAME} with env. It returns the tenants in the order of the file, with their
// credentials and all defaults. If the file is invalid, the error is Problems with everything that is wrong.
func Parse(from io.Reader, env func(string) (string, bool)) ([]Tenant, error) {
	r := &reader{env: env}
	root, err := r.document(
		from, "the file is empty; it begins with `tenants:`", "put all tenants under one `tenants:`",
	)
	if err != nil {
		return nil, err
	}
	tenants := r.file(root)
	if err := r.err(); err != nil {
		return nil, err
	}
	return tenants, nil
}

// document reads the file's only document. ifEmpty and ifSeveral are the messages for a file with none or several.
func (r *reader) document(from io.Reader, ifEmpty, ifSeveral string) (*yaml.Node, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(io.LimitReader(from, maxFileBytes))
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, Problems{{Line: 1, Text: ifEmpty}}
		}
		return nil, syntax(err)
	}
	var next yaml.Node
	if err := decoder.Decode(&next); err == nil {
		r.addProblem(next.Line, "", "a second document begins here; %s", ifSeveral)
	} else if !errors.Is(err, io.EOF) {
		return nil, syntax(err)
	}
	return document.Content[0], nil
}

// err returns all problems, sorted by line, or nil.
func (r *reader) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
	})
	return r.problems
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax returns the error for a file that isn't YAML.
func syntax(err error) error {
	match := syntaxLine.FindStringSubmatch(err.Error())
	if match == nil {
		return fmt.Errorf("read the file: %w", err)
	}
	line, _ := strconv.Atoi(match[1]) // 0 if the message has no line
	return Problems{{Line: max(line, 1), Text: "not YAML: " + strings.TrimPrefix(err.Error(), match[0])}}
}

func (r *reader) file(root *yaml.Node) []Tenant {
	file := r.section("", root)
	defer file.done()
	defaults := r.alerts(file, alertList{})
	list, ok := file.lookup("tenants")
	if !ok || list.value.Kind != yaml.SequenceNode {
		file.reject("tenants", "write a list of tenants, each beginning with `- id:`; `tenants: []` means none")
		return nil
	}
	lines := map[string]int{}
	var tenants []Tenant
	for i, node := range list.value.Content {
		path := fmt.Sprintf("tenants[%d]", i)
		t := r.tenant(r.section(path, node), defaults)
		if line, twice := lines[t.ID]; twice && t.ID != "" {
			r.addProblem(
				node.Line, path+".id", "tenant %s is there twice, first in line %d; give this one another id", t.ID,
				line,
			)
		}
		lines[t.ID] = node.Line
		tenants = append(tenants, t)
	}
	return tenants
}

// tenant reads one tenant. defaults are the alerts of a tenant without its own list.
func (r *reader) tenant(s *section, defaults alertList) Tenant {
	var t Tenant
	t.ID = s.required("id", "a short name of the tenant, of the letters a-z, digits and -, at most 40")
	if t.ID != "" {
		if idRule.MatchString(t.ID) {
			s.path = "tenants[" + t.ID + "]"
		} else {
			s.reject("id", "write 1 to 40 of the letters a-z, digits and -")
		}
	}
	t.Name = s.text("name", t.ID)
	if t.Name == "" && t.ID != "" || strings.ContainsFunc(t.Name, unprintable) {
		s.reject("name", "write a name of visible characters, or leave it out: then it is the id")
	}
	t.Paused = s.flag("paused")
	t.Schedule = r.schedule(s)
	r.source(s, &t)
	t.Fields = r.fields(s, &t)
	t.Levels = r.levels(s)
	t.Statuses = r.words(s, "statuses", roster.Statuses())
	t.Locales = r.words(s, "locales", roster.Locales())
	t.Scope = r.scope(s)
	t.Dates = r.dates(s)
	t.Guard = r.guard(s)
	t.Grace = s.duration("grace", graceSpan)
	t.Stall = s.duration("stall", stallSpan)
	t.Compare = s.duration("compare", compareSpan)
	t.Retention = s.duration("retention", retentionSpan)
	r.people(s, &t)
	var defaultWindows []maintenance.Window
	if t.Workday != nil {
		defaultWindows = []maintenance.Window{maintenance.Workday()}
	}
	t.Maintenance = r.maintenance(s, defaultWindows)
	hooks := r.alerts(s, defaults)
	t.Alerts, t.Credentials.Hooks = hooks.settings, hooks.hooks
	s.done()
	return t
}

// source reads the one directory that a tenant has.
func (r *reader) source(s *section, t *Tenant) {
	workday, isWorkday := s.child("workday")
	workos, isWorkOS := s.child("workos")
	switch {
	case isWorkday && isWorkOS:
		s.reject("workos", "a tenant has one directory: remove workday or workos")
	case isWorkday:
		t.Workday = &Workday{
			Users:  workday.report("users", "the URL of the user report"),
			Groups: workday.report("groups", "the URL of the group report"),
		}
		workday.access(t)
		workday.done()
	case isWorkOS:
		t.WorkOS = &WorkOS{Directory: workos.expanded("directory", "the directory's id in WorkOS, as directory_01EC…")}
		if strings.ContainsAny(t.WorkOS.Directory, "/?# ") {
			workos.reject("directory", "write the directory's id, as directory_01EC…, not an address")
		}
		t.Credentials.APIKey = workos.expanded("api_key", "as ${NAME} of an environment variable")
		workos.done()
	default:
		s.addProblem(
			s.line, s.path,
			"has no directory: add workday (users, groups, username and password, or oauth) or workos (directory, api_key)",
		)
	}
}

// report reads the URL of a report.
func (s *section) report(name, what string) string {
	return s.address(name, what, "a password", ": they go under username and password")
}

// address reads a URL to which sent goes. where says where a user name and password in it belong. Errors don't contain the
// URL, because it may hold a credential.
func (s *section) address(name, what, sent, where string) string {
	text := s.expanded(name, what)
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		s.reject(name, "write %s, beginning with https://", what)
	case u.User != nil:
		s.reject(name, "take user name and password out of the URL%s", where)
	case !endpoint.Secure(u):
		s.reject(name, "must begin with https://: %s is sent there", sent)
	}
	return text
}

func (r *reader) guard(s *section) Guard {
	child, _ := s.child("guard")
	defer child.done()
	const most = 1_000_000
	usual := guard.DefaultLimits
	g := Guard{
		Removals:  child.count("removals", usual.Removals, most),
		Percent:   child.count("percent", int(usual.Percent), 100),
		Hold:      child.duration("hold", holdSpan),
		Additions: child.limit("additions", usual.Additions, most),
		Changes:   child.limit("changes", usual.Changes, most),
	}
	switch first := child.text("first", "apply"); first {
	case "apply":
	case "hold":
		g.HoldFirst = true
	default:
		child.reject("first", "write apply or hold: whether a first load waits for an approval")
	}
	return g
}

// maxLead is how many days before a start date somebody may become a member.
const maxLead = 366

// dates reads when start and end dates take effect.
func (r *reader) dates(s *section) Dates {
	child, _ := s.child("dates")
	defer child.done()
	d := Dates{Timezone: child.text("timezone", "")}
	if d.Timezone != "" {
		child.checkZone(d.Timezone)
	}
	text := child.text("lead", "0d")
	days, isDays := strings.CutSuffix(text, "d")
	n, err := strconv.Atoi(days)
	if !isDays || err != nil || n < 0 || n > maxLead {
		child.reject("lead", "write a number of days from 0d to %dd, as 14d (default 0d): people become members so long before "+
			"they start", maxLead)
		return d
	}
	d.Lead = n
	return d
}

// limit reads a number and, under the same name with _percent, a share.
func (s *section) limit(name string, usual *guard.Limit, most int) *GuardLimit {
	return &GuardLimit{
		Count:   s.count(name, usual.Count, most),
		Percent: s.count(name+"_percent", int(usual.Percent), 100),
	}
}

// unprintable reports whether r is a control character or changes the direction of the text around it.
func unprintable(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// What `fields` names besides the fields of a member.
const (
	groupName   = "group_name" // the only field of the group report
	primaryName = "primary"    // see Tenant.Primary
)

// fields reads which report column fills which fields. An empty list means that no field is read from the column. The
// columns of the group report, of custom fields and the one for primary go to the tenant.
func (r *reader) fields(s *section, t *Tenant) roster.FieldMap {
	child, ok := s.child("fields")
	if !ok {
		return nil
	}
	fields := roster.FieldMap{}
	defer child.done()
	keys := map[string]string{}
	own := customReader{section: child, fields: roster.CustomFields{}}
	for _, column := range slices.SortedFunc(maps.Keys(child.entries), child.byLine) {
		e := child.entries[column]
		child.known = append(child.known, column)
		child.checkColumn(column, keys)
		if e.value.Value == groupName {
			t.GroupColumns = append(t.GroupColumns, column)
			continue
		}
		values := []*yaml.Node{e.value}
		if e.value.Kind == yaml.SequenceNode {
			values = e.value.Content
		}
		if column == "" {
			child.reject(column, "write `report column: field`, or `report column: [field, field]`")
		}
		fields[column] = []roster.Field{}
		if e.value.Value == primaryName {
			if t.Primary != "" {
				first, second := min(t.Primary, column), max(t.Primary, column)
				child.reject(second, "%q is mapped to primary already: map one column to it", first)
			}
			t.Primary = column
			continue
		}
		for _, value := range values {
			value = follow(value)
			field, ok := own.field(column, value)
			if ok && !slices.Contains(fields[column], field) {
				fields[column] = append(fields[column], field)
			}
		}
	}
	if len(own.fields) > 0 {
		t.Custom = own.fields
	}
	slices.Sort(t.GroupColumns)
	return fields
}

// checkColumn rejects a column that is one of keys in another spelling, and adds it to them.
func (s *section) checkColumn(column string, keys map[string]string) bool {
	key := roster.ColumnKey(column)
	other, twice := keys[key]
	if twice {
		s.reject(column, "is the same column as %q: remove one", other)
		return false
	}
	keys[key] = column
	return true
}

// field parses the name of a field that a column fills.
func (s *section) field(column string, value *yaml.Node) (roster.Field, bool) {
	name := value.Value
	field, known := roster.ParseField(name)
	switch {
	case value.Kind != yaml.ScalarNode || empty(value):
		s.reject(column, "write the name of a field, as first_name")
	case name == primaryName:
		s.reject(column, "primary says which of several rows of a worker counts: map a column to it alone")
	case name == roster.Role.String():
		s.reject(column, "role follows from management_level: map the column to that, and levels to the role")
	case name == roster.Custom.String():
		s.reject(column, "name the custom field, as custom.cost_center")
	case known:
		return field, true
	default:
		if near := nearest(name, fieldNames()); near != "" {
			s.reject(column, "there is no field %q: did you mean %s?", name, near)
		} else {
			s.reject(column, "there is no field %q; the fields are %s", name, strings.Join(fieldNames(), ", "))
		}
	}
	return roster.NoField, false
}

// fieldNames returns the names of the fields that a column may fill.
func fieldNames() []string {
	names := make([]string, 0, roster.FieldCount)
	for f := range roster.Field(roster.FieldCount) {
		if f != roster.Role && f != roster.Custom {
			names = append(names, f.String())
		}
	}
	return append(names, groupName, primaryName, roster.CustomPrefix+"NAME")
}

// levels reads the map from management levels to roles.
func (r *reader) levels(s *section) map[string]string {
	child, ok := s.child("levels")
	if !ok {
		return nil
	}
	defer child.done()
	levels := map[string]string{}
	for level := range child.entries {
		role := child.required(level, "write the role that this level becomes, as \"Sr. Manager\"")
		if role != "" {
			levels[level] = role
		}
	}
	return levels
}

// words reads a map from words of a column to one of the given meanings. Words that differ only in case are one word.
func (r *reader) words(s *section, name string, meanings []string) roster.Words {
	child, ok := s.child(name)
	if !ok {
		return nil
	}
	defer child.done()
	words, folded := roster.Words{}, map[string]string{}
	for _, word := range slices.Sorted(maps.Keys(child.entries)) {
		meaning := child.required(word, "write what this word means: "+oneOf(meanings))
		fold := strings.ToLower(roster.NormalText(word))
		other, twice := folded[fold]
		switch {
		case meaning == "":
		case fold == "":
			child.reject(word, "is no word: an empty cell has its own rule")
		case !slices.Contains(meanings, meaning):
			child.reject(word, "there is no meaning %q: write %s", meaning, oneOf(meanings))
		case twice:
			child.reject(word, "is the same word as %q, without case: remove one", other)
		default:
			folded[fold] = word
			words[word] = meaning
		}
	}
	return words
}

// oneOf joins words as "a, b or c".
func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
