package simulator

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
)

// listing is a list of objects in the order of creation. Some positions may be empty.
type listing struct {
	size int
	item func(place int) (json.RawMessage, bool)
	id   func(place int) string // "" for a deleted object
}

// knows reports whether a cursor belongs to an object that is or was in the list.
func (l listing) knows(cursor string) bool {
	if cursor == "" {
		return true
	}
	place := numberOf(cursor)
	return place < l.size && (l.id(place) == cursor || l.id(place) == "")
}

// query holds the parameters of a list request.
type query struct {
	limit         int
	step          int // 1: oldest first; -1: newest first
	after, before string
}

// workosList serves a page of directories, users or groups.
func (s *Simulator) workosList(endpoint string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		endpoint := endpoint
		if endpoint == Users && r.FormValue("group") != "" {
			endpoint = Memberships
		}
		s.workos(w, r, endpoint, func(t *tenant, w *faultyWriter) {
			q, problem := readQuery(r)
			if problem != "" {
				w.answer(
					http.StatusUnprocessableEntity, "application/json; charset=utf-8",
					object{{"message", text(problem)}}.raw(),
				)
				return
			}
			list, missing := t.listing(endpoint, r, w.faults)
			if missing != nil {
				w.answer(missing.status, "application/json; charset=utf-8", missing.body)
				return
			}
			if !list.knows(q.after) || !list.knows(q.before) {
				problem := object{{"message", text("after and before must be ids of objects in this list.")}}
				w.answer(http.StatusUnprocessableEntity, "application/json; charset=utf-8", problem.raw())
				return
			}
			w.answer(http.StatusOK, "application/json; charset=utf-8", list.page(q, w.faults))
		})
	}
}

func readQuery(r *http.Request) (query, string) {
	q := query{limit: 10, step: -1, after: r.FormValue("after"), before: r.FormValue("before")}
	if given := r.FormValue("limit"); given != "" {
		limit, err := strconv.Atoi(given)
		if err != nil || limit < 1 || limit > 100 {
			return q, "limit must be a number from 1 to 100."
		}
		q.limit = limit
	}
	switch r.FormValue("order") {
	case "", "desc":
	case "asc":
		q.step = 1
	default:
		return q, "order must be asc or desc."
	}
	if q.after != "" && q.before != "" {
		return q, "after and before can't be given together."
	}
	return q, ""
}

type refusal struct {
	status int
	body   []byte
}

// listing returns the list of an endpoint for a request.
func (t *tenant) listing(endpoint string, r *http.Request, fs faults) (listing, *refusal) {
	directory, groupID, userID := r.FormValue("directory"), r.FormValue("group"), r.FormValue("user")
	if directory != "" && directory != t.directory {
		return listing{}, &refusal{http.StatusNotFound, notFound("Directory", directory)}
	}
	if endpoint != Directories && directory == "" && groupID == "" && userID == "" {
		return listing{}, &refusal{
			http.StatusUnprocessableEntity, object{{"message", text("A directory, group or user is needed.")}}.raw(),
		}
	}
	day := t.today()
	switch endpoint {
	case Directories:
		return t.directories(fs), nil
	case Groups:
		return t.groups(day, userID, fs)
	}
	var in *Group
	if groupID != "" {
		g, ok := t.company.group(numberOf(groupID), day)
		if !ok || t.groupID(g) != groupID {
			return listing{}, &refusal{http.StatusNotFound, notFound("Directory Group", groupID)}
		}
		in = &g
	}
	return t.users(day, in, fs), nil
}

func (t *tenant) directories(fs faults) listing {
	return listing{
		size: 1, id: func(int) string { return t.directory },
		item: func(int) (json.RawMessage, bool) { return t.directoryObject(fs).raw(), !fs.has(Deleted) },
	}
}

// users lists the directory's users, or those of one group.
func (t *tenant) users(day int, in *Group, fs faults) listing {
	v := t.company.on(day)
	return listing{size: v.total, id: t.userID, item: func(number int) (json.RawMessage, bool) {
		s := v.state(number)
		if !s.present || fs.removes(t.company, number) || in != nil && !v.isIn(number, s, *in) {
			return nil, false
		}
		p := v.describe(number, s)
		if !t.shows(p) {
			return nil, false
		}
		return t.userObject(p, fs).raw(), true
	}}
}

// groups lists the directory's groups, or those of one user.
func (t *tenant) groups(day int, userID string, fs faults) (listing, *refusal) {
	groups := t.company.Groups(day)
	if userID != "" {
		p, ok := t.company.Person(numberOf(userID), day)
		if !ok || t.userID(p.Number) != userID || !t.shows(p) {
			return listing{}, &refusal{http.StatusNotFound, notFound("Directory User", userID)}
		}
		groups = slices.DeleteFunc(groups, func(g Group) bool { return !slices.Contains(p.Groups, g.Name) })
	}
	if len(groups) == 0 {
		return listing{}, nil
	}
	find := func(number int) (int, bool) {
		return slices.BinarySearchFunc(groups, number, func(g Group, n int) int { return g.Number - n })
	}
	return listing{
		size: groups[len(groups)-1].Number + 1,
		id: func(number int) string {
			i, ok := find(number)
			if !ok {
				return ""
			}
			return t.groupID(groups[i])
		},
		item: func(number int) (json.RawMessage, bool) {
			i, ok := find(number)
			if !ok {
				return nil, false
			}
			return fs.applyTo(t.groupObject(groups[i]), number).raw(), true
		},
	}, nil
}

// page returns one page of a list in WorkOS's format. A cursor is the id of the first or last object of a page. It
// stays valid after the object was deleted, because it contains the position.
func (l listing) page(q query, fs faults) json.RawMessage {
	start, step := 0, q.step
	if step < 0 {
		start = l.size - 1
	}
	switch {
	case q.after != "":
		start = numberOf(q.after) + step
	case q.before != "":
		step = -step
		start = numberOf(q.before) + step
	}
	var data []json.RawMessage
	var places []int
	more := false
	for place := start; place >= 0 && place < l.size; place += step {
		item, ok := l.item(place)
		if !ok {
			continue
		}
		if more = len(data) == q.limit; more {
			break
		}
		data, places = append(data, item), append(places, place)
	}
	next, previous := more, q.after != ""
	if q.before != "" {
		slices.Reverse(data)
		slices.Reverse(places)
		next, previous = true, more
	}
	before, after := jsonNull, jsonNull
	if len(places) > 0 && previous {
		before = text(l.id(places[0]))
	}
	if len(places) > 0 && next {
		after = text(l.id(places[len(places)-1]))
	}
	return l.envelope(q, places, data, before, after, fs)
}

// envelope builds a page and applies faults to it.
func (l listing) envelope(
	q query, places []int, data []json.RawMessage, before, after json.RawMessage, fs faults,
) json.RawMessage {
	for i := len(places) - 1; i >= 0; i-- {
		for range fs.copies(places[i]) - 1 {
			data = slices.Insert(data, i, data[i])
		}
	}
	if fs.has(Shuffle) {
		chance := rand.New(rand.NewPCG(1, uint64(len(data)))) // the same each time
		chance.Shuffle(len(data), func(i, j int) { data[i], data[j] = data[j], data[i] })
	}
	if fs.has(EmptyPage) && len(places) > 0 {
		data, after = nil, text(l.id(places[len(places)-1]))
	}
	if fs.has(SameCursor) {
		after = text(q.after)
	}
	page := object{{"object", text("list")}, {"data", array(data...)}, {
		"list_metadata", object{{"before", before}, {"after", after}}.raw(),
	}}
	if fs.has(NoEntries) {
		page = slices.DeleteFunc(page, func(c cell) bool { return c.name == "data" })
	}
	return page.raw()
}
