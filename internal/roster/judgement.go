package roster

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// judgement is the state of Rules.Judge for one row.
type judgement struct {
	rules        *Rules
	row          Row
	cells        [MaxColumns]*Cell
	user         User
	issueEmail   string // the email for issues; it may be invalid
	issues       []Issue
	custom       string // name of the custom field that is judged
	rejected     bool
	unknownGroup bool // the row names an unknown group
	judgeAgain   bool // the row must be judged at every sync
	membersOnly  bool // see Verdict
	notStarted   bool // likewise
	saysActive   bool // the status column says so
}

// cellState says what a field's cell holds.
type cellState uint8

const (
	unbound cellState = iota // the field has no column
	empty
	valid
	refused // an issue was noted
)

// identify reads the external id and the email first, because all issues name them.
func (j *judgement) identify() {
	if id, found := j.id(); found == valid {
		j.user.ExternalID, j.user.ExternalKind = id, j.rules.kind
	}
	var email string
	var ok bool
	cell := j.cell(Email)
	if cell != nil && len(cell.Values) > 0 {
		email, ok = normalEmail(cell.Values[0], j.rules.texts)
		if j.issueEmail = email; len(j.issueEmail) > MaxEmail {
			j.issueEmail = ""
		}
	}
	for i := range j.issues {
		j.issues[i].Email = j.issueEmail
	}
	if text, found := j.text(Email); found == valid {
		if len(cell.Values) > 1 { // the first value may be empty
			email, ok = normalEmail(text, j.rules.texts)
		}
		if ok {
			j.user.Values[Email] = email
		} else {
			j.note(CodeEmailInvalid, Email, text)
		}
	}
}

// cell returns the filled cell of f, or nil.
func (j *judgement) cell(f Field) *Cell {
	if column := j.rules.bindings.By[f].Column; j.rules.bindings.Fields.Has(f) && column >= 0 && column < MaxColumns {
		return j.cells[column]
	}
	return nil
}

// judge reads f by its kind. identify has read the external id and the email.
func (j *judgement) judge(f Field) {
	switch f.row().kind {
	case asText:
		j.user.Values[f], _ = j.text(f)
	case asLevel:
		j.level(f)
	case asYesNo:
		j.parse(f, "", CodeNotYesOrNo, normalYesNo)
	case asEmail:
		if f != Email {
			j.manager(f)
		}
	case asLocale:
		j.parse(f, defaultLocale, CodeLocaleUnsupported, j.rules.locale.Meaning)
	case asStatus:
		switch j.parse(f, Active, CodeStatusUnknown, j.rules.status.Meaning) {
		case empty:
			j.user.Kept = j.user.Kept.With(f) // an empty cell keeps the member's status
		case refused:
			j.membersOnly = true
		case valid:
			j.saysActive = j.user.Values[f] == Active
		}
	case asDate:
		if j.parse(f, "", CodeDateInvalid, normalDate) == refused {
			j.membersOnly = true
		}
	case asCustom:
		j.customs()
	case asGroups:
		j.groups()
	case asDerived, asID:
	}
}

// text returns the single normalised value of f, or "" if it isn't valid. Unless the cell is merely empty, it then
// notes the issue and adds f to Kept.
func (j *judgement) text(f Field) (string, cellState) {
	cell := j.cell(f)
	if cell == nil {
		return j.single(f, nil)
	}
	return j.single(f, cell.Values)
}

// id is text for the external id. If the report has {Descriptor, ID}, it is the ID.
func (j *judgement) id() (string, cellState) {
	cell := j.cell(ExternalID)
	switch {
	case cell == nil:
		return j.single(ExternalID, nil)
	case slices.ContainsFunc(cell.IDs, func(id string) bool { return id != "" }):
		return j.single(ExternalID, cell.IDs)
	}
	return j.single(ExternalID, cell.Values)
}

func (j *judgement) single(f Field, values []string) (string, cellState) {
	if !j.rules.bindings.Fields.Has(f) {
		if f.Required() {
			j.note(CodeRequiredEmpty, f)
		}
		j.user.Kept = j.user.Kept.With(f)
		return "", unbound
	}
	return j.one(f, values)
}

// one returns the single normalised value of a cell with these values: see text.
func (j *judgement) one(f Field, values []string) (string, cellState) {
	text, plain := "", true
	for _, value := range values {
		value, same := normalText(value)
		plain = plain && same
		if text != "" && value != "" && value != text {
			j.note(CodeSeveralValues, f, values...)
			return "", refused
		}
		if value != "" {
			text = value
		}
	}
	switch {
	case text == "" && f.Required():
		j.note(CodeRequiredEmpty, f)
		return "", refused
	case text == "":
		return "", empty
	case f.row().limit == 0: // the kind validates the text
	case !plain && damaged(text):
		j.note(CodeTextDamaged, f, text)
		return "", refused
	case len(text) > f.row().limit && utf8.RuneCountInString(text) > f.row().limit:
		j.note(CodeTooLong, f, text)
		return "", refused
	}
	return text, valid
}

// customs reads the custom fields, as a patch of the member's values. A field whose value is refused, or that no row
// fills, isn't in the patch.
func (j *judgement) customs() {
	b := &j.rules.bindings
	if !b.Fields.Has(Custom) {
		return
	}
	var values [MaxColumns][]string
	if cell := j.cell(Custom); cell != nil {
		for i, id := range cell.IDs {
			switch n := customNumber(id); {
			case n < 0:
			case values[n] == nil:
				values[n] = cell.Values[i : i+1 : i+1]
			default:
				values[n] = append(values[n], cell.Values[i])
			}
		}
	}
	patch := j.rules.patch[:0]
	for i := range b.Custom {
		j.custom = b.Custom[i].Name
		if text, found := j.one(Custom, values[b.Custom[i].Number]); found != refused {
			patch = AppendCustom(patch, CustomValue{j.custom, text})
		}
	}
	j.rules.patch = patch
	j.user.Values[Custom] = j.rules.texts.Put(patch)
}

// level reads the management level and sets the role that follows from it.
func (j *judgement) level(f Field) {
	if level, found := j.text(f); found == valid {
		role := j.rules.noteLevel(level, 1, j.rules.mostLevels)
		j.user.Values[f], j.user.Values[Role] = level, role.name
		if !role.mapped { // Report lists it once, but the index records the row
			j.user.Known.Issues = j.user.Known.Issues.With(CodeLevelUnmapped, f)
		}
	}
}

// parse reads a field with normal, which returns the normalised value and whether the text is valid. An empty or
// refused value becomes unset. Another text has the issue invalid.
func (j *judgement) parse(f Field, unset string, invalid Code, normal func(string) (string, bool)) cellState {
	j.user.Values[f] = unset
	text, found := j.text(f)
	if found != valid {
		return found
	}
	value, ok := normal(text)
	if !ok && f.row().kind == asLocale {
		// The descriptor may be a name like "English (United States)" and the id the tag.
		for _, id := range j.cell(f).IDs {
			if value, ok = normal(NormalText(id)); ok {
				break
			}
		}
	}
	if !ok {
		if f.HasWords() {
			j.rules.countUnknown(fieldWord{f, text}, 1)
			j.note(invalid, f)
		} else {
			j.note(invalid, f, text)
		}
		return refused
	}
	j.user.Values[f] = value
	return valid
}

// manager reads the manager's email. A manager whose data was erased counts as none: the member's own value is
// cleared.
func (j *judgement) manager(f Field) {
	if cell := j.cell(f); cell != nil && slices.Contains(cell.Values, ErasedValue) {
		j.note(CodeManagerErased, f)
		j.user.Kept = j.user.Kept.Without(f)
		return
	}
	j.parse(f, "", CodeEmailInvalid, func(text string) (string, bool) { return normalEmail(text, j.rules.texts) })
}

// groups reads the keys of the groups that the row names.
func (j *judgement) groups() {
	if j.rules.groupNames == nil {
		j.user.Kept = j.user.Kept.With(Groups)
		return
	}
	cell := j.cell(Groups)
	if cell == nil {
		return
	}
	keys, unknown := j.rules.groupNames.keys(cell.Values)
	switch {
	case len(keys)+len(unknown) > MaxGroups:
		j.keepGroups(CodeTooManyGroups)
	case slices.ContainsFunc(unknown, damaged):
		j.keepGroups(CodeGroupsUnreadable, slices.DeleteFunc(unknown, func(name string) bool { return !damaged(name) })...)
		j.issues[len(j.issues)-1].Detail = "a group name is damaged: characters were lost before it was received; " +
			"this person's memberships are left unchanged"
	case len(unknown) > 0:
		j.noteUnknown(unknown)
		if len(keys) == 0 {
			j.keepGroups(CodeGroupsUnreadable, unknown...)
		}
	}
	if !j.user.Kept.Has(Groups) {
		j.user.Groups = keys
	}
}

// keepGroups notes why the groups can't be read. The member's own memberships stay.
func (j *judgement) keepGroups(why Code, names ...string) {
	j.note(why, Groups, names...)
	j.user.Kept = j.user.Kept.With(Groups)
}

// noteUnknown notes the names of unknown groups.
func (j *judgement) noteUnknown(names []string) {
	j.unknownGroup = true
	j.note(CodeUnknownGroup, Groups, names...)
	j.issues[len(j.issues)-1].Detail = fmt.Sprintf(
		"the row names %d group(s) that the group report doesn't list: %s", len(names), quoted(names))
}

// quoted returns the first few names, quoted.
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

// note adds an issue with the values that can't be used. It rejects the row, or keeps the member's own value of the
// field.
func (j *judgement) note(c Code, f Field, values ...string) {
	who := Identity{Row: j.row.Number, ExternalID: j.user.ExternalID, Email: j.issueEmail}
	issue := c.Issue(who, f)
	issue.Values = offending(values...)
	j.issues = append(j.issues, issue)
	if c.Severity(f) == Rejected {
		j.rejected = true
		return
	}
	if f == Custom {
		j.issues[len(j.issues)-1].Field = CustomPrefix + j.custom
		j.judgeAgain = true // the index can't tell which field it was
		return
	}
	j.user.Known.Issues = j.user.Known.Issues.With(c, f)
	if f != Groups { // groups decides itself: an unknown name keeps nothing
		j.user.Kept = j.user.Kept.With(f)
	}
}

func (j *judgement) verdict() Verdict {
	outside := !j.inScope()
	j.dates()
	user := &j.user
	user.Known.Row, user.Known.Columns = j.row.Hash, j.row.Mask()
	if j.rules.bindings.Fields.Has(Custom) {
		user.Known.Custom = j.row.CustomMask(j.rules.bindings.By[Custom].Column)
	}
	departed := outside || user.Values[Status] == Departed
	if !j.rejected && !departed {
		membersOnly := j.membersOnly || j.notStarted
		if j.unknownGroup || j.judgeAgain || membersOnly {
			user.Known.Row = Hash{}
		}
		return Verdict{User: *user, Issues: j.issues, MembersOnly: membersOnly, NotStarted: j.notStarted}
	}
	identity := User{
		Row: user.Row, ExternalID: user.ExternalID, ExternalKind: user.ExternalKind, Kept: everyField,
		Known: Known{Row: j.row.Hash, Columns: j.row.Mask() & j.rules.bindings.PrimaryMask()}, Recognised: user.Recognised,
	}
	for _, f := range [...]Field{FirstName, LastName, Email} {
		identity.Values[f] = user.Values[f]
	}
	if !user.Kept.Has(Status) && !outside {
		identity.Values[Status] = user.Values[Status]
	}
	if departed {
		return Verdict{User: identity, Departed: true, OutOfScope: outside}
	}
	// The row isn't used, so warnings about single fields don't matter yet.
	rejecting := slices.DeleteFunc(j.issues, func(issue Issue) bool { return issue.Severity != Rejected })
	return Verdict{User: identity, Issues: rejecting, Rejected: true}
}
