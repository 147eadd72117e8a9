package roster

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// VerdictsVersion counts the changes of the code that judges a row. The golden of judged rows forces it up whenever a
// verdict changes.
const VerdictsVersion = 1

// RulesDigest is equal for settings under which a row is judged the same. It changes with the field table, the word lists
// and the code that judges, so that every row is judged again.
func RulesDigest(fields FieldMap, levels Levels) string {
	var text strings.Builder
	fmt.Fprintf(&text, "verdicts %d\nrules %x\n", VerdictsVersion, builtInRules())
	mapped := fields.ByColumnKey()
	for _, key := range slices.Sorted(maps.Keys(mapped)) {
		fmt.Fprintf(&text, "field %q %v\n", key, mapped[key])
	}
	for _, level := range slices.Sorted(maps.Keys(levels)) {
		fmt.Fprintf(&text, "level %q %q\n", level, levels[level])
	}
	digest := HashBytes([]byte(text.String()))
	return hex.EncodeToString(digest[:])
}

// builtInRules is a hash of all data that rows are judged by: the field table and the word lists. Maps are printed in the
// order of their keys.
var builtInRules = sync.OnceValue(func() Hash { //nolint:gochecknoglobals // a constant that takes some time
	return HashBytes(fmt.Append(nil, fieldTable, wrappers, GroupColumns, idColumns, builtInRoles, locales, yesNoWords,
		statusWords, MaxEmail, defaultLocale))
})

// RulesSettings are what the rules about single rows depend on.
type RulesSettings struct {
	Levels   Levels   // the tenant's own; nil: only the built-in ones
	Bindings Bindings // with nothing Missing
	Source   Source   // where the rows come from
	Groups   []Unit   // accepted groups, which rows may name
}

// Rules judge rows one by one. They are for one goroutine.
type Rules struct {
	bindings Bindings
	source   Source
	kind     string // of external ids
	levels   levelMap
	roles    map[string]role // of levels met so far
	met      []string        // these levels, in the order in which they were met
	groups   *groupNames     // nil: rows name no groups
	grouped  bool            // the directory has groups that rows may name
	texts    *TextBuffer       // in which what users say is written, where it differs from what rows say
}

// role is what a level says of somebody.
type role struct {
	name   string
	mapped bool // the level is a known one, and not merely kept word for word
}

// MaxLevels is how many distinct levels are remembered, and listed as unmapped: a report with more has something else
// in that column.
const MaxLevels = 500

// NewRules makes rules for one report.
func NewRules(s RulesSettings) *Rules {
	r := &Rules{
		bindings: s.Bindings, source: s.Source, kind: s.Bindings.Kind(s.Source), levels: newLevelMap(s.Levels),
		roles: map[string]role{}, texts: &TextBuffer{},
	}
	if !s.Source.ListsMembers() {
		r.grouped = len(s.Groups) > 0
		if s.Bindings.Fields.Has(Groups) {
			r.groups = newGroupNames(s.Groups)
		}
	}
	return r
}

// Fork is rules for a piece of the report, to be judged in another goroutine. Join takes it back. Rules that judge and join
// nothing themselves may be forked by several goroutines at once. What users say is a text of their rows or stands in texts.
func (r *Rules) Fork(texts *TextBuffer) *Rules {
	fork := *r
	fork.roles, fork.met, fork.texts = map[string]role{}, nil, texts
	return &fork
}

// Join takes in what a fork has met. Pieces joined in the order of the report give the same Report as if r had judged all
// of it.
func (r *Rules) Join(fork *Rules) {
	for _, level := range fork.met {
		r.Meet(level)
	}
}

// Verdict is what the rules say of one row. A rejected row's User holds the row, the identity as far as it could be
// read (external id, email, names, status), and the hash of the row; nothing else.
type Verdict struct {
	User     User
	Issues   []Issue
	Rejected bool
}

// Judge turns a row into a user, or says why not.
//
// A field in Kept has the value that somebody new gets: nothing, or the default. Known.Row is zero when the row names
// an unknown group, for it must be judged anew when the groups change.
func (r *Rules) Judge(row Row) Verdict {
	j := judgement{rules: r, row: row, user: User{Row: row.Number, Recognised: row.Recognised}}
	for i, cell := range row.Cells {
		if cell.Column >= 0 && cell.Column < MaxColumns {
			j.cells[cell.Column] = &row.Cells[i]
		}
	}
	j.identify()
	for f := range Fields() {
		j.judge(f)
	}
	return j.verdict()
}

// Report lists what concerns the report as a whole, once all rows are judged: fields left untouched, levels
// without a role of their own.
func (r *Rules) Report() []Issue {
	var issues []Issue
	for f := range Fields() {
		if !r.bindings.Fields.Has(f) && (f.wanted() || f == Groups && r.grouped) {
			issue := CodeColumnAbsent.Of(Identity{}, f)
			issue.Hint = r.source.Hint(f)
			issues = append(issues, issue)
		}
	}
	for _, level := range slices.Sorted(maps.Keys(r.roles)) {
		if !r.roles[level].mapped {
			issues = append(issues, UnmappedLevel(level))
		}
	}
	return issues
}

// Meet notes the level of a known row, which isn't judged again, so that Report lists it too.
func (r *Rules) Meet(level string) { r.role(level) }

// role is the role of a level. Report lists those that are no known ones.
func (r *Rules) role(level string) role {
	if met, ok := r.roles[level]; ok {
		return met
	}
	name, mapped := r.levels.role(level)
	is := role{strings.Clone(name), mapped}
	if len(r.roles) < MaxLevels {
		level = strings.Clone(level)
		r.roles[level], r.met = is, append(r.met, level)
	}
	return is
}

// shorten cuts a text for a detail.
func shorten(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
