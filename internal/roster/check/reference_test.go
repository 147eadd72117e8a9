package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// report is the input of a check: the members before it and the rows of one report.
type report struct {
	kind    string
	members []roster.Member
	gone    map[uuid.UUID]bool
	rows    []reportRow
	links   []roster.Link

	protected []roster.Protected
	sentinels []roster.PersonRef
}

type reportRow struct {
	roster.User
	rejected    bool
	departed    bool
	membersOnly bool
}

func (r reportRow) verdict() roster.Verdict {
	return roster.Verdict{User: r.User, Rejected: r.rejected, Departed: r.departed, MembersOnly: r.membersOnly}
}

// outcome is what is found of one row.
type outcome struct {
	Member uuid.UUID // of a row that is nobody's: Nil
	New    bool
	Used   bool
	Linked bool      // it has an id that the member didn't have
	Takes  uuid.UUID // the present member whose email it has
	Email  string    // with which it is used
	Issues string    // code and detail of each
}

// result is the expected result of a check.
type result struct {
	Rows   map[int]outcome
	Absent []uuid.UUID
	Left   []uuid.UUID // of Absent: whose row says so
	Freed  []uuid.UUID // who lose their email
	Merged int         // rows that give way to another row of the person
	Kept   []uuid.UUID

	Missing []int       // sentinels
	Spared  []uuid.UUID // kept because they are protected
	Idle    []int       // entries of the protected that match nobody
}

func (r *report) entries() []roster.Entry {
	var entries []roster.Entry
	for _, m := range r.members {
		e := roster.Entry{
			Member: m.ID, HasRow: m.Known.Row != (roster.Hash{}), HasWarnings: m.Known.Issues != 0, External: roster.Key(m.ExternalID), Kind: roster.Key(m.ExternalKind),
			Email: roster.Key(m.Values[roster.Email]), Manager: roster.Key(m.Values[roster.ManagerEmail]),
		}
		switch {
		case r.gone[m.ID]:
			e.State = roster.StateGraceOver
		case m.Values[roster.Status] == roster.Departed:
			e.State = roster.StateDeparted
		case m.Values[roster.Status] == roster.Inactive:
			e.State = roster.StateInactive
		}
		entries = append(entries, e)
	}
	return entries
}

// look is a Look at the report's members.
func (r *report) look(ids []uuid.UUID) ([]roster.Member, error) {
	return slices.DeleteFunc(
		slices.Clone(r.members),
		func(m roster.Member) bool { return !slices.Contains(ids, m.ID) },
	), nil
}

// knowing is the position of the member who knows a row.
func (r *report) knowing(ix *Index, row roster.Hash) (pos int, ok bool) {
	for _, m := range r.members {
		if m.Known.Row == row && row != (roster.Hash{}) && !r.gone[m.ID] && m.Values[roster.Status] != roster.Departed {
			return ix.ByMember(m.ID)
		}
	}
	return 0, false
}

// plainly applies docs/rules.md section 3 in the plainest way: to texts, and by looking at everybody again and again.
type plainly struct {
	*report
	owner  []*roster.Member // by row
	copyOf []int            // by row: which row stands for it; itself for most
	codes  []map[roster.Code]bool
	named  map[uuid.UUID]bool

	byID     []bool // the owner has the row's id
	linked   []bool
	ranks    []int              // see rankOf; 0: no link has to do with the row
	keptFrom [][]*roster.Member // from whom people keep the row, which is nobody's
	unclear  [][]*roster.Member
	position []bool // another row of the worker is used
	chosen   []bool // of several positions
	noEmail  []bool // used without its email
}

func (r *report) reference(run uuid.UUID) result {
	ref := &plainly{
		report: r,
		owner:  make([]*roster.Member, len(r.rows)),
		copyOf: make([]int, len(r.rows)),
		named:  map[uuid.UUID]bool{},

		byID: make([]bool, len(r.rows)), linked: make([]bool, len(r.rows)), unclear: make([][]*roster.Member, len(r.rows)),
		ranks: make([]int, len(r.rows)), keptFrom: make([][]*roster.Member, len(r.rows)),
		position: make([]bool, len(r.rows)), chosen: make([]bool, len(r.rows)), noEmail: make([]bool, len(r.rows)),
	}
	slices.SortFunc(
		r.members,
		func(a, b roster.Member) int { return strings.Compare(string(a.ID[:]), string(b.ID[:])) },
	)
	slices.SortFunc(r.rows, func(a, b reportRow) int { return a.Row - b.Row })
	for range r.rows {
		ref.codes = append(ref.codes, map[roster.Code]bool{})
	}
	ref.match()
	ref.relink()
	ref.duplicates()
	ref.emails()
	ref.names()
	for ref.claim() {
	}
	return ref.result(run)
}

func (r *plainly) present(m *roster.Member) bool {
	return !r.gone[m.ID] && m.Values[roster.Status] != roster.Departed
}

// idOf is the member's external id of this report's kind.
func (r *plainly) idOf(m *roster.Member) string {
	if r.kind == "" || m.ExternalKind != r.kind {
		return ""
	}
	return m.ExternalID
}

func (r *plainly) match() {
	best := func(row reportRow, fits func(m *roster.Member) bool) *roster.Member {
		var candidates []*roster.Member
		for i := range r.members {
			if m := &r.members[i]; !r.gone[m.ID] && fits(m) {
				candidates = append(candidates, m)
			}
		}
		slices.SortStableFunc(candidates, func(a, b *roster.Member) int {
			score := func(m *roster.Member) int {
				n := 0
				if r.present(m) && m.Known.Row != (roster.Hash{}) && m.Known.Row == row.Known.Row {
					n += 2
				}
				if r.present(m) {
					n++
				}
				return n
			}
			return score(a) - score(b)
		})
		if len(candidates) == 0 {
			return nil
		}
		return candidates[len(candidates)-1]
	}
	taken := map[*roster.Member]bool{}
	for i, row := range r.rows {
		if row.ExternalID != "" {
			r.owner[i] = best(row, func(m *roster.Member) bool { return r.idOf(m) == row.ExternalID })
			if l := r.together(row.ExternalID); l != nil {
				r.owner[i] = r.memberOf(l)
				r.linked[i] = r.idOf(r.owner[i]) != row.ExternalID
				r.ranks[i] = r.rankOf(l, row.ExternalID)
			} else if apart := r.apart(row.ExternalID); apart != nil && !r.held(row.ExternalID, apart...) {
				r.owner[i], r.keptFrom[i] = nil, apart
			}
			r.byID[i] = r.owner[i] != nil
			taken[r.owner[i]] = taken[r.owner[i]] || !row.departed
		}
	}
	for i, row := range r.rows {
		if r.owner[i] == nil && row.Values[roster.Email] != "" && r.keptFrom[i] == nil {
			r.owner[i] = best(row, func(m *roster.Member) bool {
				return m.Values[roster.Email] == row.Values[roster.Email] && !taken[m] &&
					(row.ExternalID == "" || r.idOf(m) == "")
			})
		}
	}
}

// memberOf returns the member of a link that applies, or nil.
func (r *plainly) memberOf(l *roster.Link) *roster.Member {
	for i := range r.members {
		if m := &r.members[i]; r.kind != "" && l.Member == m.ID && !r.gone[m.ID] {
			return m
		}
	}
	return nil
}

// returns reports whether a row of a member is used.
func (r *plainly) returns(m *roster.Member) bool {
	for i := range r.rows {
		if r.owner[i] == m && r.used(i) {
			return true
		}
	}
	return false
}

// held reports whether a present member other than some has exactly an external id.
func (r *plainly) held(external string, except ...*roster.Member) bool {
	for i := range r.members {
		if m := &r.members[i]; r.present(m) && r.idOf(m) == external && !slices.Contains(except, m) {
			return true
		}
	}
	return false
}

// apart lists the members from whom rows with an external id are kept apart.
func (r *plainly) apart(external string) (members []*roster.Member) {
	for i := range r.links {
		l := &r.links[i]
		if m := r.memberOf(l); l.Apart && m != nil && l.Folded == roster.Key(strings.ToLower(external)) {
			members = append(members, m)
		}
	}
	return members
}

// together returns the link by which rows with an external id are a member's.
func (r *plainly) together(external string) *roster.Link {
	var others []*roster.Link
	for i := range r.links {
		l := &r.links[i]
		if m := r.memberOf(l); l.Apart || m == nil || l.Folded != roster.Key(strings.ToLower(external)) {
			continue
		}
		if l.External == roster.Key(external) {
			if l.Former && r.held(external, r.memberOf(l)) {
				return nil
			}
			return l
		}
		others = append(others, l)
	}
	if len(others) != 1 || r.held(external, r.memberOf(others[0])) {
		return nil
	}
	for _, row := range r.rows {
		if roster.Key(row.ExternalID) == others[0].External || row.ExternalID != external &&
			strings.EqualFold(row.ExternalID, external) && !r.held(row.ExternalID) {
			return nil
		}
	}
	return others[0]
}

// rankOf returns the place of a link's row among the rows of its member: first the linked one, then that with the member's
// own id, then those with former ids, from the newest.
func (r *plainly) rankOf(l *roster.Link, external string) int {
	switch {
	case !l.Former:
		return 1
	case r.idOf(r.memberOf(l)) == external:
		return 2
	}
	return 3 + slices.IndexFunc(r.links, func(other roster.Link) bool { return other == *l })
}

// heedLinks supersedes the other rows of members with a linked row, and marks the rows that a decision leaves to nobody.
func (r *plainly) heedLinks() (there map[*roster.Member]bool) {
	there = map[*roster.Member]bool{}
	linked := map[*roster.Member]bool{}
	for i := range r.rows {
		if linked[r.owner[i]] = linked[r.owner[i]] || r.ranks[i] > 0; r.keptFrom[i] != nil && !r.rows[i].departed {
			r.codes[i][roster.CodeUnlinkedRow], r.unclear[i] = true, r.keptFrom[i]
		}
	}
	best := map[*roster.Member]int{}
	for i, row := range r.rows {
		m := r.owner[i]
		if linked[m] && r.ranks[i] == 0 && row.ExternalID != "" && r.idOf(m) == row.ExternalID {
			r.ranks[i] = 2
		}
		if rank := r.ranks[i]; rank > 0 && !row.departed && (best[m] == 0 || rank < best[m]) {
			best[m], there[m] = rank, r.idOf(m) != row.ExternalID
		}
	}
	for i := range r.rows {
		if m := r.owner[i]; r.ranks[i] > 0 && best[m] > 0 && r.ranks[i] > best[m] {
			r.codes[i][roster.CodeSupersededRow] = true
		}
	}
	return there
}

// relink finds the members of rows under another id.
func (r *plainly) relink() {
	stays, inRow := r.heedLinks(), map[*roster.Member]bool{}
	folded := map[string]int{}
	var unowned []int
	for i, row := range r.rows {
		switch m := r.owner[i]; {
		case row.departed:
		case m != nil:
			stays[m] = stays[m] || !r.byID[i] || row.rejected || r.activeRow(i)
			inRow[m] = inRow[m] || r.byID[i]
		case row.ExternalID != "" && !row.rejected && r.keptFrom[i] == nil:
			unowned = append(unowned, i)
			folded[strings.ToLower(row.ExternalID)]++
		}
	}
	slices.SortStableFunc(unowned, func(i, j int) int {
		switch {
		case r.activeRow(i) == r.activeRow(j):
			return r.rows[i].Row - r.rows[j].Row
		case r.activeRow(i):
			return -1
		}
		return 1
	})
	taken := map[*roster.Member]bool{}
	for _, i := range unowned {
		row, id := r.rows[i], strings.ToLower(r.rows[i].ExternalID)
		var fits []*roster.Member
		for j := range r.members {
			m := &r.members[j]
			if r.gone[m.ID] || r.idOf(m) == "" || stays[m] {
				continue
			}
			email := m.Values[roster.Email] == row.Values[roster.Email] && row.Values[roster.Email] != ""
			names := sameNames(m.Values, row.Values)
			sameID := strings.ToLower(m.ExternalID) == id && !inRow[m] && folded[id] == 1
			if email && names || sameID && (email || names) {
				fits = append(fits, m)
			}
		}
		switch {
		case len(fits) == 0 || r.owner[i] != nil:
		case len(fits) > 1 || r.contradicts(row, fits[0]):
			r.codes[i][roster.CodeRelinkUnclear], r.unclear[i] = true, fits
		case !taken[fits[0]]:
			taken[fits[0]] = true
			for k, ended := range r.rows {
				if ended.ExternalID == r.idOf(fits[0]) && r.owner[k] == fits[0] {
					r.codes[k][roster.CodeSupersededRow] = true
				}
			}
			for k, same := range r.rows {
				if same.ExternalID == row.ExternalID {
					r.owner[k], r.linked[k] = fits[0], true
				}
			}
		}
	}
}

func sameNames(a, b roster.Values) bool {
	return a[roster.FirstName] != "" && a[roster.LastName] != "" && a[roster.FirstName] == b[roster.FirstName] &&
		a[roster.LastName] == b[roster.LastName]
}

// contradicts tells whether the member departed before and differs in a detail.
func (r *plainly) contradicts(row reportRow, m *roster.Member) bool {
	if m.Values[roster.Status] != roster.Departed || strings.EqualFold(m.ExternalID, row.ExternalID) {
		return false
	}
	for _, f := range []roster.Field{roster.Country, roster.BusinessUnit, roster.StartDate} {
		if a, b := m.Values[f], row.Values[f]; a != "" && b != "" && a != b && !row.Kept.Has(f) {
			return true
		}
	}
	return false
}

// says is all that a row says, normalised.
func says(row reportRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %v %v %q", row.rejected, row.departed, row.membersOnly, row.ExternalID)
	for f := range roster.Field(roster.ValueCount) {
		if row.Kept.Has(f) {
			b.WriteString(" kept")
		} else {
			fmt.Fprintf(&b, " %q", row.Values[f])
		}
	}
	fmt.Fprintf(&b, " %v %q", row.Kept.Has(roster.Groups), row.Groups)
	return b.String()
}

// primaryBit is the bit of the masks of rows that say that they are the primary one.
const primaryBit uint64 = 1 << 40

func primaryRow(row reportRow) bool { return row.Known.Columns&primaryBit != 0 }

func (r *plainly) activeRow(i int) bool {
	row := r.rows[i]
	if !row.Kept.Has(roster.Status) && row.Values[roster.Status] != "" {
		return row.Values[roster.Status] == roster.Active
	}
	return r.owner[i] == nil || r.owner[i].Values[roster.Status] != roster.Inactive
}

func (r *plainly) duplicates() {
	var distinct []int
	for i, row := range r.rows {
		r.copyOf[i] = i
		if row.departed {
			continue
		}
		if row.ExternalID != "" || row.Values[roster.Email] != "" {
			same := func(other reportRow) bool { return says(other) == says(row) }
			r.copyOf[i] = slices.IndexFunc(r.rows, same)
			if j := slices.IndexFunc(r.rows, func(other reportRow) bool { return same(other) && primaryRow(other) }); j >= 0 {
				r.copyOf[i] = j
			}
		}
		if r.copyOf[i] == i {
			distinct = append(distinct, i)
		}
	}
	for _, i := range distinct {
		// The rows of the same worker: the same external id, or the same email where there is none.
		var same []int
		for _, j := range distinct {
			a, b := r.rows[i], r.rows[j]
			if a.ExternalID == b.ExternalID &&
				(a.ExternalID != "" || a.Values[roster.Email] == b.Values[roster.Email] && a.Values[roster.Email] != "") {
				same = append(same, j)
			}
		}
		if len(same) > 1 && same[0] == i {
			r.choose(same)
		}
	}
	distinct = slices.DeleteFunc(distinct, func(i int) bool { return r.codes[i][roster.CodeSupersededRow] || r.position[i] })
	for _, i := range distinct {
		var same []int
		for _, j := range distinct {
			if a, b := r.rows[i], r.rows[j]; a.Values[roster.Email] != "" && a.Values[roster.Email] == b.Values[roster.Email] {
				same = append(same, j)
			}
		}
		if len(same) > 1 && same[0] == i {
			r.share(same)
		}
	}
	for i, row := range r.rows { // a row that says departed beside one that doesn't
		for j, other := range r.rows {
			if row.departed && !other.departed && row.ExternalID != "" && row.ExternalID == other.ExternalID {
				r.position[i], r.chosen[j] = true, true
			}
			if row.departed && !other.departed && r.owner[i] == nil && row.Values[roster.Email] != "" &&
				row.Values[roster.Email] == other.Values[roster.Email] {
				r.codes[i][roster.CodeSupersededRow] = true
			}
		}
	}
}

func contentOf(row reportRow) uint64 {
	if content := roster.ContentHash(&row.User); !row.membersOnly {
		return content
	}
	return ^roster.ContentHash(&row.User)
}

// choose chooses one of a worker's rows.
func (r *plainly) choose(rows []int) {
	best := slices.DeleteFunc(slices.Clone(rows), func(i int) bool {
		return !r.activeRow(i) && slices.ContainsFunc(rows, r.activeRow)
	})
	primary := func(i int) bool { return primaryRow(r.rows[i]) }
	if slices.ContainsFunc(best, primary) {
		best = slices.DeleteFunc(best, func(i int) bool { return !primary(i) })
	}
	differ := slices.ContainsFunc(best[1:], func(i int) bool {
		a, b := r.rows[best[0]], r.rows[i]
		return a.rejected || b.rejected || a.Values[roster.Email] != b.Values[roster.Email] || !sameNames(a.Values, b.Values)
	})
	matches := func(i int) int {
		if m := r.owner[i]; m != nil && m.Known.Content == contentOf(r.rows[i]) {
			return 0
		}
		return 1
	}
	first := slices.MinFunc(best, func(i, j int) int {
		return cmp.Or(cmp.Compare(matches(i), matches(j)), cmp.Compare(contentOf(r.rows[i]), contentOf(r.rows[j])))
	})
	for _, i := range rows {
		switch {
		case differ && slices.Contains(best, i) && r.rows[i].ExternalID != "":
			r.codes[i][roster.CodeDuplicateExternalID] = true
		case differ && slices.Contains(best, i):
			r.codes[i][roster.CodeDuplicateEmail] = true
		case !differ && i == first:
			r.chosen[i] = true
		default:
			r.position[i] = true
		}
	}
}

// share decides about rows of different people with one email.
func (r *plainly) share(rows []int) {
	active, sound := []int{}, true
	for _, i := range rows {
		if r.activeRow(i) {
			active = append(active, i)
		}
		sound = sound && !r.rows[i].rejected && !r.codes[i][roster.CodeDuplicateExternalID] &&
			!r.codes[i][roster.CodeRelinkUnclear] && !r.codes[i][roster.CodeUnlinkedRow]
	}
	for _, i := range rows {
		switch {
		case len(active) != 1 || !sound:
			if !r.codes[i][roster.CodeDuplicateExternalID] {
				r.codes[i][roster.CodeDuplicateEmail] = true
			}
		case i == active[0]:
		case r.owner[i] == nil || r.owner[i] == r.owner[active[0]]:
			r.codes[i][roster.CodeSupersededRow] = true
		case !r.codes[i][roster.CodeDuplicateEmail]:
			r.noEmail[i] = true
		}
	}
}

// used tells whether the row, standing for itself, is used.
func (r *plainly) used(i int) bool {
	return r.copyOf[i] == i && !r.rows[i].rejected && !r.rows[i].departed && !r.notAdded(i) && !r.position[i] &&
		len(r.codes[i]) == 0
}

// notAdded tells whether the row, standing for itself, may be used only for a present member and belongs to none.
func (r *plainly) notAdded(i int) bool {
	return r.rows[i].membersOnly && (r.owner[i] == nil || !r.present(r.owner[i]))
}

// left tells whether a row of the member says that they have left.
func (r *plainly) left(m *roster.Member) bool {
	for i := range r.rows {
		if r.owner[i] == m && r.rows[i].departed {
			return true
		}
	}
	return false
}

func (r *plainly) owned(m *roster.Member) (owned, used bool) {
	for i := range r.rows {
		if r.owner[i] == m && !r.rows[i].departed {
			owned, used = true, used || r.used(i)
		}
	}
	for _, fits := range r.unclear {
		owned = owned || slices.Contains(fits, m)
	}
	return owned || r.named[m.ID], used
}

func (r *plainly) kept(m *roster.Member) bool {
	owned, used := r.owned(m)
	return owned && !used
}

// emails names the members whose email stands on a refused row that is nobody's, or whose id is on another row as well.
func (r *plainly) emails() {
	named := map[uuid.UUID]bool{}
	for i, row := range r.rows {
		codes := r.codes[r.copyOf[i]]
		contradicted := codes[roster.CodeDuplicateExternalID] || codes[roster.CodeDuplicateEmail]
		if row.departed || !row.rejected && !contradicted && !codes[roster.CodeUnlinkedRow] && !r.notAdded(r.copyOf[i]) || r.owner[i] != nil && !codes[roster.CodeDuplicateExternalID] {
			continue
		}
		for j := range r.members {
			if m := &r.members[j]; r.present(m) && row.Values[roster.Email] != "" &&
				m.Values[roster.Email] == row.Values[roster.Email] {
				named[m.ID] = true
			}
		}
	}
	r.named = named
}

func (r *plainly) names() {
	named := maps.Clone(r.named)
	for i, row := range r.rows {
		if !row.rejected || r.owner[i] != nil || row.Values[roster.Email] != "" || row.Values[roster.FirstName] == "" ||
			row.Values[roster.LastName] == "" {
			continue
		}
		for j := range r.members {
			m := &r.members[j]
			owned, _ := r.owned(m)
			if r.present(m) && !owned && !r.left(m) && m.Values[roster.FirstName] == row.Values[roster.FirstName] &&
				m.Values[roster.LastName] == row.Values[roster.LastName] {
				named[m.ID] = true
			}
		}
	}
	r.named = named
}

// claim strikes the rows that claim a kept member's email as things stand, and tells whether there was any.
func (r *plainly) claim() bool {
	var struck []int
	for i, row := range r.rows {
		for j := range r.members {
			if m := &r.members[j]; r.used(i) && !r.noEmail[i] && r.owner[i] != m && r.present(m) && r.kept(m) &&
				m.Values[roster.Email] == row.Values[roster.Email] {
				struck = append(struck, i)
			}
		}
	}
	for _, i := range struck {
		r.codes[i][roster.CodeEmailOfRejectedRow] = true
	}
	return len(struck) > 0
}

func (r *plainly) manager(i int) string {
	switch {
	case !r.rows[i].Kept.Has(roster.ManagerEmail):
		return r.rows[i].Values[roster.ManagerEmail]
	case r.owner[i] != nil:
		return r.owner[i].Values[roster.ManagerEmail]
	}
	return ""
}

// up finds the manager of the person with an email: here is false when nobody has it.
func (r *plainly) up(email string) (manager string, here bool) {
	for i, row := range r.rows {
		if row.Values[roster.Email] == email && r.used(i) && !r.noEmail[i] {
			return r.manager(i), true
		}
	}
	for j := range r.members {
		if m := &r.members[j]; m.Values[roster.Email] == email && !r.gone[m.ID] && r.kept(m) {
			return m.Values[roster.ManagerEmail], true
		}
	}
	for i, row := range r.rows {
		if row.Values[roster.Email] == email && !row.departed && !r.noEmail[i] {
			return "", true
		}
	}
	return "", false
}

func (r *plainly) managerCode(i int) roster.Code {
	own, manager := r.rows[i].Values[roster.Email], r.manager(i)
	if r.noEmail[i] {
		own = ""
	}
	switch _, here := r.up(manager); {
	case manager == "":
		return ""
	case manager == own:
		return roster.CodeManagerSelf
	case !here:
		return roster.CodeManagerUnknown
	}
	for range len(r.rows) + len(r.members) + 1 {
		next, _ := r.up(manager)
		if next == "" || next == manager {
			return ""
		}
		if manager = next; manager == own {
			return roster.CodeManagerLoop
		}
	}
	return ""
}

func (r *plainly) result(run uuid.UUID) result {
	res := result{Rows: map[int]outcome{}}
	for i, row := range r.rows {
		if row.departed {
			if res.Rows[row.Row] = (outcome{}); r.merged(i) {
				res.Merged++
			}
			continue
		}
		o := outcome{Used: r.used(i)}
		if r.owner[i] != nil {
			o.Member = r.owner[i].ID
		} else if o.Used {
			o.Member, o.New = roster.NewMemberID(run, row.Row), true
		}
		if r.merged(i) {
			res.Merged++
		}
		if o.Linked = r.linked[i] && !row.rejected; o.Used && !r.noEmail[i] {
			o.Email = row.Values[roster.Email]
			for j := range r.members {
				m := &r.members[j]
				if m != r.owner[i] && (r.present(m) || !r.gone[m.ID] && r.returns(m)) && m.Values[roster.Email] == o.Email {
					o.Takes = m.ID
				}
			}
		}
		stands := r.copyOf[i]
		var codes []string
		for code := range r.codes[stands] {
			codes = append(codes, string(code))
		}
		switch {
		case stands != i && r.used(stands):
			codes = append(codes, string(roster.CodeIdenticalDuplicate))
		case row.rejected && r.owner[i] == nil && row.Values[roster.Email] == "":
			codes = append(codes, string(roster.CodeRowUnidentified))
		case o.Used:
			if code := r.managerCode(i); code != "" {
				codes = append(codes, string(code))
			}
			for code, has := range map[roster.Code]bool{
				roster.CodeRelinked: r.linked[i], roster.CodeSeveralPositions: r.chosen[i], roster.CodeSupersededRow: r.noEmail[i],
			} {
				if has {
					codes = append(codes, string(code))
				}
			}
		}
		slices.Sort(codes)
		o.Issues = strings.Join(codes, " ")
		res.Rows[row.Row] = o
	}
	for j := range r.members {
		m := &r.members[j]
		owned, _ := r.owned(m)
		if !owned && r.present(m) {
			res.Absent = append(res.Absent, m.ID)
			if r.left(m) {
				res.Left = append(res.Left, m.ID)
			}
		}
		if r.kept(m) && !r.gone[m.ID] {
			res.Kept = append(res.Kept, m.ID)
		}
		if r.freed(m) {
			res.Freed = append(res.Freed, m.ID)
		}
	}
	return res
}

// merged tells whether the row gives way to another one of the person.
func (r *plainly) merged(i int) bool {
	if stands := r.copyOf[i]; stands != i {
		return r.used(stands) || r.merged(stands)
	}
	return (r.position[i] || r.codes[i][roster.CodeSupersededRow]) && !r.rows[i].rejected
}

// freed tells whether somebody else has the member's email, and no used row of the member has another.
func (r *plainly) freed(m *roster.Member) bool {
	taken := false
	for i, row := range r.rows {
		switch {
		case !r.used(i):
		case r.owner[i] == m && !r.noEmail[i]:
			return false
		case r.owner[i] != m && !r.noEmail[i] && !r.gone[m.ID] && row.Values[roster.Email] == m.Values[roster.Email]:
			taken = true
		}
	}
	return taken
}
