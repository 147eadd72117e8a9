package tenant

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/rollcall/rollcall/internal/roster"
)

// Person identifies a person in the tenant's directory by exactly one of email and external id, normalised.
type Person struct {
	Email      string `json:"email,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
}

// Protected is a person whom no sync deactivates or deletes.
type Protected struct {
	Person
	Reason string `json:"reason"`          // for readers of the list; not part of a run's input
	Until  string `json:"until,omitempty"` // last day, such as 2027-01-31, in the schedule's time zone; "": no end
}

// maxReason is the longest reason, in characters.
const maxReason = 1000

// ProtectedPeople returns the protected people as a run needs them: hashes instead of names, and no reasons.
func (t Tenant) ProtectedPeople() []roster.Protected {
	var people []roster.Protected
	for _, p := range t.Protected {
		people = append(people, roster.Protected{PersonRef: p.ref(), Until: p.Until})
	}
	return people
}

// SentinelPeople returns the sentinels as a run needs them: hashes instead of names.
func (t Tenant) SentinelPeople() []roster.PersonRef {
	var people []roster.PersonRef
	for _, p := range t.Sentinels {
		people = append(people, p.ref())
	}
	return people
}

func (p Person) ref() roster.PersonRef {
	email, _ := roster.NormalEmail(p.Email) // an earlier release may have stored another form
	return roster.PersonRef{External: roster.Key(p.ExternalID), Email: roster.Key(email)}
}

// ExpiredProtections returns the keys of protections that have ended, such as "protected[2]". It fails if the
// schedule's time zone is unknown.
func (t Tenant) ExpiredProtections(now time.Time) ([]string, error) {
	zone, err := time.LoadLocation(t.Schedule.Timezone)
	if err != nil {
		return nil, fmt.Errorf("time zone of tenant %s: %w", t.ID, err)
	}
	var keys []string
	for i, p := range t.Protected {
		if p.Until != "" && p.Until < now.In(zone).Format(time.DateOnly) {
			keys = append(keys, fmt.Sprintf("protected[%d]", i))
		}
	}
	return keys, nil
}

// people reads the lists of protected people and sentinels.
func (r *reader) people(s *section, t *Tenant) {
	seen := map[Person]string{}
	for key, node := range r.list(s, "protected") {
		if entry, ok := r.protected(key, node); ok && r.addUnique(seen, entry.Person, key, node) {
			t.Protected = append(t.Protected, entry)
		}
	}
	seen = map[Person]string{}
	for key, node := range r.list(s, "sentinels") {
		if who, ok := r.sentinel(key, node); ok && r.addUnique(seen, who, key, node) {
			t.Sentinels = append(t.Sentinels, who)
		}
	}
}

// list yields the entries of a list with their keys. Anything but a list is a problem.
func (r *reader) list(s *section, name string) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		e, ok := s.lookup(name)
		if !ok {
			return
		}
		if e.value.Kind != yaml.SequenceNode {
			s.reject(name, "write a list of people, each beginning with `- email:` or `- external_id:`")
			return
		}
		for i, node := range e.value.Content {
			if !yield(fmt.Sprintf("%s[%d]", s.key(name), i), follow(node)) {
				return
			}
		}
	}
}

func (r *reader) protected(key string, node *yaml.Node) (p Protected, ok bool) {
	problems := len(r.problems)
	s := r.section(key, node)
	if len(r.problems) == problems { // otherwise it is not a mapping, which is a problem already
		p.Person = s.person()
		p.Reason = s.required("reason", "why no sync may remove this person, for later readers of the list")
		if utf8.RuneCountInString(p.Reason) > maxReason {
			s.reject("reason", "write at most %d characters", maxReason)
		}
		p.Until = s.day("until")
		s.done()
	}
	return p, len(r.problems) == problems
}

func (r *reader) sentinel(key string, node *yaml.Node) (p Person, ok bool) {
	problems := len(r.problems)
	if node.Kind == yaml.ScalarNode && !empty(node) {
		p = r.plainPerson(key, node)
	} else {
		s := r.section(key, node)
		if len(r.problems) == problems {
			p = s.person()
			s.done()
		}
	}
	return p, len(r.problems) == problems
}

// plainPerson parses a person written as one text: an email if it contains @, otherwise an external id.
func (r *reader) plainPerson(key string, node *yaml.Node) (p Person) {
	if !strings.Contains(node.Value, "@") {
		p.ExternalID = roster.NormalText(node.Value)
	} else if p.Email = r.email(key, node.Line, node.Value); p.Email == "" {
		return Person{}
	}
	if p == (Person{}) {
		r.addProblem(node.Line, key, "is empty: write an email or an external id")
	}
	return p
}

// person reads the email or external id of a section.
func (s *section) person() (p Person) {
	email, hasEmail := s.lookup("email")
	_, hasID := s.lookup("external_id")
	switch {
	case hasEmail && hasID:
		s.reject(
			"external_id",
			"name a person by one of the two: remove email or external_id (which survives a change of address)",
		)
	case hasEmail:
		p.Email = s.email(s.key("email"), email.line, s.text("email", ""))
	case hasID:
		if p.ExternalID = roster.NormalText(s.text("external_id", "")); p.ExternalID == "" {
			s.reject("external_id", "is empty: write the person's id in the directory")
		}
	default:
		s.addProblem(s.line, s.path, "names nobody: write email or external_id")
	}
	return p
}

// email parses and normalises an address. Problems don't contain it.
func (r *reader) email(key string, line int, text string) string {
	email, ok := roster.NormalEmail(text)
	if !ok {
		r.addProblem(
			line, key, "is no email address: write one plain address with a dotted domain, as name@example.com",
		)
		return ""
	}
	return email
}

// day reads a date, or "" if the key is absent.
func (s *section) day(name string) string {
	if _, ok := s.lookup(name); !ok {
		return ""
	}
	text := s.text(name, "")
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		s.reject(name, "write the last day as 2027-01-31 (year-month-day)")
	}
	return text
}

// addUnique adds a person to seen. If the person is there already, it adds a problem and returns false.
func (r *reader) addUnique(seen map[Person]string, who Person, key string, node *yaml.Node) bool {
	if first, twice := seen[who]; twice {
		r.addProblem(node.Line, key, "names the same person as %s; remove one", first)
		return false
	}
	seen[who] = key
	return true
}

// Mention is an entry of the tenant's settings that names a person.
type Mention struct {
	Key    string // such as "protected[2]" or "sentinels[0]"
	Reason string // Protected.Reason, if any
	Until  string // Protected.Until, if any
}

// Mentions returns the entries that name a person by one of the emails or external ids. All of them are normalised.
func (t Tenant) Mentions(emails, externalIDs map[string]bool) []Mention {
	names := func(p Person) bool {
		return p.Email != "" && emails[p.Email] || p.ExternalID != "" && externalIDs[p.ExternalID]
	}
	var found []Mention
	for i, p := range t.Protected {
		if names(p.Person) {
			found = append(found, Mention{Key: fmt.Sprintf("protected[%d]", i), Reason: p.Reason, Until: p.Until})
		}
	}
	for i, p := range t.Sentinels {
		if names(p) {
			found = append(found, Mention{Key: fmt.Sprintf("sentinels[%d]", i)})
		}
	}
	return found
}
