package roster

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
)

// RulesSettings are what the rules for single rows depend on.
type RulesSettings struct {
	Mappings Mappings      // the tenant's; zero: only the built-in levels and words
	Bindings Bindings      // Missing must return none
	Source   Source        // where the rows come from
	Groups   []SourceGroup // accepted groups that rows may name
}

// Rules judge rows one by one. They are for one goroutine.
type Rules struct {
	bindings   Bindings
	source     Source
	kind       string // kind of the external ids
	status     Vocabulary
	locale     Vocabulary
	levelMap   levelMap
	levelRoles map[string]*levelRole // roles of the levels seen so far
	levelOrder []string              // these levels, in the order of their first row
	mostLevels int                   // MaxLevels; a fork records all, which its few rows bound, so that Join counts right
	groupNames *groupNames           // nil: rows name no groups
	hasGroups  bool                  // there are groups that rows may name
	dates      Dates
	scope      []scopeColumn
	custom     []string    // names of the tenant's custom fields
	patch      []byte      // buffer for a row's custom values
	texts      *TextBuffer // holds values of users that differ from their rows

	unknownWords map[fieldWord]int // rows with a word that the vocabulary of its field doesn't know
}

// fieldWord is a word in the column of a field.
type fieldWord struct {
	field Field
	word  string
}

// maxUnknownWords bounds the distinct unknown words that Rules count.
const maxUnknownWords = 100

// levelRole is the role of a management level.
type levelRole struct {
	name   string
	mapped bool // the level is known; else it is its own role
	rows   int  // with the level
}

// MaxLevels bounds the distinct levels that Rules remember and Report lists. A report with more has something else
// in that column.
const MaxLevels = 500

// NewRules returns rules for one report.
func NewRules(s RulesSettings) *Rules {
	r := &Rules{
		bindings: s.Bindings, source: s.Source, kind: s.Bindings.Kind(s.Source), levelMap: newLevelMap(s.Mappings.Levels),
		status: s.Mappings.Vocabulary(Status), locale: s.Mappings.Vocabulary(Locale), dates: s.Mappings.Dates,
		scope:  newScope(s.Mappings.Scope, s.Bindings),
		custom: s.Mappings.Custom.Names(), mostLevels: MaxLevels,
		levelRoles: map[string]*levelRole{}, unknownWords: map[fieldWord]int{}, texts: &TextBuffer{},
	}
	if !s.Source.ListsMembers() {
		r.hasGroups = len(s.Groups) > 0
		if s.Bindings.Fields.Has(Groups) {
			r.groupNames = newGroupNames(s.Groups)
		}
	}
	return r
}

// Fork returns rules for a part of the report, for another goroutine. Join merges them back. Several goroutines may
// fork rules at once while nobody judges with them or joins. Values of users refer to their rows or to texts.
func (r *Rules) Fork(texts *TextBuffer) *Rules {
	fork := *r
	fork.levelRoles, fork.levelOrder, fork.texts = map[string]*levelRole{}, nil, texts
	fork.patch, fork.mostLevels = nil, math.MaxInt
	fork.unknownWords = map[fieldWord]int{}
	return &fork
}

// Join adds what a fork has collected. If the parts are joined in the order of the report, Report returns the same
// as if r had judged all rows.
func (r *Rules) Join(fork *Rules) {
	for _, level := range fork.levelOrder {
		r.noteLevel(level, fork.levelRoles[level].rows, MaxLevels)
	}
	for _, word := range slices.SortedFunc(maps.Keys(fork.unknownWords), compareFieldWords) {
		r.countUnknown(word, fork.unknownWords[word])
	}
}

func compareFieldWords(a, b fieldWord) int {
	return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.word, b.word))
}

// countUnknown counts rows with an unknown word. Of a long word it keeps the beginning, as it is shown.
func (r *Rules) countUnknown(w fieldWord, rows int) {
	w.word = shorten(w.word)
	if _, met := r.unknownWords[w]; !met {
		if len(r.unknownWords) >= maxUnknownWords {
			return
		}
		w.word = strings.Clone(w.word)
	}
	r.unknownWords[w] += rows
}

// UnknownWords returns the words that the vocabulary of their field doesn't know, by field and word.
func (r *Rules) UnknownWords() []WordCount {
	words := make([]WordCount, 0, len(r.unknownWords))
	for _, w := range slices.SortedFunc(maps.Keys(r.unknownWords), compareFieldWords) {
		words = append(words, WordCount{Field: w.field.String(), Word: w.word, Rows: r.unknownWords[w]})
	}
	return words
}

// Verdict is the result of judging one row. The User of a row that is Rejected or Departed holds only its number and
// hash, whether it is the primary one, and the identity as far as it could be read: external id, email, names and status.
type Verdict struct {
	User     User
	Issues   []Issue
	Rejected bool
	Departed bool // the row says that the person has left, or is OutOfScope
	// OutOfScope says that the tenant's scope leaves the row out.
	OutOfScope bool
	// MembersOnly says that the row can't tell whether the person is there. It is used for a member who is present, but
	// nobody is added or returns because of it. The issues have the reason.
	MembersOnly bool
	NotStarted  bool // MembersOnly, because the start date has not come
}

// Judge validates and normalises a row. It returns a user, or the issues that reject the row.
//
// A field in Kept has the value of a new member: empty, or the default. Known.Row is zero if the row names an
// unknown group, because the row must be judged again when the groups change.
func (r *Rules) Judge(row Row) Verdict {
	if row.Unreadable() {
		issue := CodeRowUnreadable.Issue(Identity{Row: row.Number}, NoField)
		return Verdict{User: User{Row: row.Number}, Issues: []Issue{issue}, Rejected: true}
	}
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

// Report returns the issues of the whole report, after all rows were judged: missing columns and unmapped levels.
func (r *Rules) Report() []Issue {
	var issues []Issue
	for f := range Fields() {
		if change, changed := r.bindings.Change(f); changed {
			issues = append(issues, change.issue())
			continue
		}
		if !r.bindings.Fields.Has(f) && (f.wanted() || f == Groups && r.hasGroups) {
			issue := CodeColumnAbsent.Issue(Identity{}, f)
			issue.Hint = r.source.Hint(f)
			issues = append(issues, issue)
		}
	}
	for _, name := range r.custom {
		if !slices.ContainsFunc(r.bindings.Custom, func(b CustomBinding) bool { return b.Name == name }) {
			issue := CodeColumnAbsent.Issue(Identity{}, Custom)
			issue.Field, issue.Hint = CustomPrefix+name, r.source.Hint(Custom)
			issues = append(issues, issue)
		}
	}
	for _, level := range slices.Sorted(maps.Keys(r.levelRoles)) {
		if !r.levelRoles[level].mapped {
			issue := UnmappedLevelIssue(level)
			issue.Values, issue.Rows = offending(level), r.levelRoles[level].rows
			issues = append(issues, issue)
		}
	}
	return issues
}

// NoteLevel records the level of a known row, which isn't judged again, so that Report lists it too.
func (r *Rules) NoteLevel(level string) { r.noteLevel(level, 1, MaxLevels) }

// noteLevel returns the role of a level, and records the rows with it for Report, unless most levels are recorded.
func (r *Rules) noteLevel(level string, rows, most int) *levelRole {
	is, met := r.levelRoles[level]
	if !met {
		name, mapped := r.levelMap.role(level)
		is = &levelRole{name: strings.Clone(name), mapped: mapped}
		if len(r.levelRoles) < most {
			level = strings.Clone(level)
			r.levelRoles[level], r.levelOrder = is, append(r.levelOrder, level)
		}
	}
	is.rows += rows
	return is
}

// shorten cuts a text to 80 characters for a detail.
func shorten(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
