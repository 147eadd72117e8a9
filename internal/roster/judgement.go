package roster

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// judgement is one row in the course of being judged.
type judgement struct {
	rules    *Rules
	row      Row
	cells    [MaxColumns]*Cell
	user     User
	shown    string // the email for issues, though it may be no valid one
	issues   []Issue
	rejected bool
	unknown  bool // an unknown group is named
}

// finding is what is in a field's cell.
type finding uint8

const (
	untouched finding = iota // no column is bound
	empty
	good
	bad // an issue has been noted
)

// identify reads external id and email first, since all issues name them.
func (j *judgement) identify() {
	if id, found := j.id(); found == good {
		j.user.ExternalID, j.user.ExternalKind = id, j.rules.kind
	}
	var email string
	var ok bool
	cell := j.cell(Email)
	if cell != nil && len(cell.Values) > 0 {
		email, ok = normalEmail(cell.Values[0], j.rules.texts)
		if j.shown = email; len(j.shown) > MaxEmail {
			j.shown = ""
		}
	}
	for i := range j.issues {
		j.issues[i].Email = j.shown
	}
	if text, found := j.text(Email); found == good {
		if len(cell.Values) > 1 { // the first one may be empty
			email, ok = normalEmail(text, j.rules.texts)
		}
		if ok {
			j.user.Values[Email] = email
		} else {
			j.note(CodeEmailInvalid, Email)
		}
	}
}

// cell is the filled cell that f is bound to; nil when there is none.
func (j *judgement) cell(f Field) *Cell {
	if column := j.rules.bindings.By[f].Column; j.rules.bindings.Fields.Has(f) && column >= 0 && column < MaxColumns {
		return j.cells[column]
	}
	return nil
}

// judge reads f by its kind. What identifies the row was read before.
func (j *judgement) judge(f Field) {
	switch f.row().kind {
	case asText:
		j.user.Values[f], _ = j.text(f)
	case asLevel:
		j.level(f)
	case asYesNo:
		j.formal(f, "", CodeNotYesOrNo, normalYesNo)
	case asEmail:
		if f != Email {
			j.manager(f)
		}
	case asLocale:
		j.formal(f, defaultLocale, CodeLocaleUnsupported, normalLocale)
	case asStatus:
		if j.formal(f, Active, CodeStatusUnknown, normalStatus) == empty {
			j.user.Kept = j.user.Kept.With(f) // an empty cell says nothing
		}
	case asGroups:
		j.groups()
	case asDerived, asID:
	}
}

// text returns the one normalised value of f; anything else is "". What costs the field's value is noted, and the field
// is in Kept unless it is merely empty.
func (j *judgement) text(f Field) (string, finding) {
	cell := j.cell(f)
	if cell == nil {
		return j.one(f, nil)
	}
	return j.one(f, cell.Values)
}

// id is text for the external id, which is the cell's own id where the report gives {Descriptor, ID}.
func (j *judgement) id() (string, finding) {
	cell := j.cell(ExternalID)
	switch {
	case cell == nil:
		return j.one(ExternalID, nil)
	case slices.ContainsFunc(cell.IDs, func(id string) bool { return id != "" }):
		return j.one(ExternalID, cell.IDs)
	}
	return j.one(ExternalID, cell.Values)
}

func (j *judgement) one(f Field, values []string) (string, finding) {
	if !j.rules.bindings.Fields.Has(f) {
		if f.Required() {
			j.note(CodeRequiredEmpty, f)
		}
		j.user.Kept = j.user.Kept.With(f)
		return "", untouched
	}
	text, plain := "", true
	for _, value := range values {
		value, same := normalText(value)
		plain = plain && same
		if text != "" && value != "" && value != text {
			j.note(CodeSeveralValues, f)
			return "", bad
		}
		if value != "" {
			text = value
		}
	}
	switch {
	case text == "" && f.Required():
		j.note(CodeRequiredEmpty, f)
		return "", bad
	case text == "":
		return "", empty
	case f.row().limit == 0: // its kind judges the text
	case !plain && damaged(text):
		j.note(CodeTextDamaged, f)
		return "", bad
	case len(text) > f.row().limit && utf8.RuneCountInString(text) > f.row().limit:
		j.note(CodeTooLong, f)
		return "", bad
	}
	return text, good
}

// level reads the management level and the role that follows from it.
func (j *judgement) level(f Field) {
	if level, found := j.text(f); found == good {
		role := j.rules.role(level)
		j.user.Values[f], j.user.Values[Role] = level, role.name
		if !role.mapped { // listed once for the report, but the index remembers whose row it was
			j.user.Known.Issues = j.user.Known.Issues.With(CodeLevelUnmapped, f)
		}
	}
}

// formal reads a field of few or formal values. An empty or unread one is unset; invalid is the code of any other.
func (j *judgement) formal(f Field, unset string, invalid Code, normal func(string) (string, bool)) finding {
	j.user.Values[f] = unset
	text, found := j.text(f)
	if found != good {
		return found
	}
	value, ok := normal(text)
	if !ok && f.row().kind == asLocale { // the descriptor is a name, as "English (United States)"; the id may be the tag
		for _, id := range j.cell(f).IDs {
			if value, ok = normal(NormalText(id)); ok {
				break
			}
		}
	}
	if !ok {
		j.note(invalid, f)
		return bad
	}
	j.user.Values[f] = value
	return good
}

// manager reads the manager's email. That of somebody erased is none: the member's own is cleared as by an empty cell.
func (j *judgement) manager(f Field) {
	if cell := j.cell(f); cell != nil && slices.Contains(cell.Values, ErasedValue) {
		j.note(CodeManagerErased, f)
		j.user.Kept = j.user.Kept.Without(f)
		return
	}
	j.formal(f, "", CodeEmailInvalid, func(text string) (string, bool) { return normalEmail(text, j.rules.texts) })
}

// groups reads the keys of the groups that the row names.
func (j *judgement) groups() {
	if j.rules.groups == nil {
		j.user.Kept = j.user.Kept.With(Groups)
		return
	}
	cell := j.cell(Groups)
	if cell == nil {
		return
	}
	var unknown []string
	j.user.Groups, unknown = j.rules.groups.keys(cell.Values)
	if len(unknown) > 0 {
		j.unknown = true
		j.note(CodeUnknownGroup, Groups)
		issue := &j.issues[len(j.issues)-1]
		issue.Detail = fmt.Sprintf("the row names %d group(s) that the group report doesn't list: %s", len(unknown), quoted(unknown))
	}
}

// quoted lists the first few of names.
func quoted(names []string) string {
	const most = 3
	var list []string
	for _, name := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%q", shorten(name)))
	}
	if len(names) > most {
		list = append(list, "…")
	}
	return strings.Join(list, ", ")
}

// note adds an issue; one that rejects, rejects the row, any other leaves the field as the member has it.
func (j *judgement) note(c Code, f Field) {
	j.issues = append(j.issues, c.Of(Identity{Row: j.row.Number, ExternalID: j.user.ExternalID, Email: j.shown}, f))
	if c.Severity(f) == Rejected {
		j.rejected = true
		return
	}
	j.user.Known.Issues = j.user.Known.Issues.With(c, f)
	if f != Groups {
		j.user.Kept = j.user.Kept.With(f)
	}
}

func (j *judgement) verdict() Verdict {
	user := &j.user
	user.Known.Row, user.Known.Columns = j.row.Hash, j.row.Mask()
	if !j.rejected {
		if j.unknown {
			user.Known.Row = Hash{}
		}
		return Verdict{User: *user, Issues: j.issues}
	}
	identity := User{
		Row: user.Row, ExternalID: user.ExternalID, ExternalKind: user.ExternalKind, Kept: everyField,
		Known: Known{Row: j.row.Hash}, Recognised: user.Recognised,
	}
	for _, f := range [...]Field{FirstName, LastName, Email} {
		identity.Values[f] = user.Values[f]
	}
	if !user.Kept.Has(Status) {
		identity.Values[Status] = user.Values[Status]
	}
	// The row isn't used at all: what would only cost a field is of no interest until it is.
	rejecting := slices.DeleteFunc(j.issues, func(issue Issue) bool { return issue.Severity != Rejected })
	return Verdict{User: identity, Issues: rejecting, Rejected: true}
}
