// Package erasure recognises people whose personal data was erased, so that they are kept out of a tenant. It doesn't
// store who they are.
//
// Only marks of a person are stored: hashes of external ids, emails, and emails with both names, under a random key of the tenant. Marks of
// different tenants can't be compared, and nobody can guess them without the key. Each row of the directory is compared
// with the marks while it is read: see List.Redact.
package erasure

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// KeySize is the size of a tenant's key in bytes.
const KeySize = 32

// Subject is a person to be erased: all external ids and emails that they have or had. It is personal data, and the
// store deletes it when the erasure is done.
type Subject struct {
	Members   []uuid.UUID `json:"members,omitempty"`
	Externals []External  `json:"externals,omitempty"`
	Emails    []string    `json:"emails,omitempty"` // normalised
	Names     []Name      `json:"names,omitempty"`
}

// Name is a person's normalised email with both names. Together they identify the person under a new external id.
type Name struct {
	Email string `json:"email"`
	First string `json:"first"`
	Last  string `json:"last"`
}

// Complete reports whether the email and both names are known.
func (n Name) Complete() bool { return n.Email != "" && n.First != "" && n.Last != "" }

// External is an external id. An empty Kind means that the kind isn't known. Then the id matches in every kind.
type External struct {
	Kind string `json:"kind,omitempty"`
	ID   string `json:"id"`
}

// Mark is one hash by which a person is recognised.
type Mark struct {
	Erasure uuid.UUID // the person's erasure
	Email   bool      // true for an email, false for an external id
	Kinds   []string  // the kind of the external id; for an email, the kinds of all external ids of the person
	Hash    Hash
}

// Hash is an HMAC with SHA-256.
type Hash [sha256.Size]byte

// Marks returns the marks of a person under a tenant's key.
func Marks(key []byte, erasure uuid.UUID, s Subject) []Mark {
	h := newHasher(key)
	var kinds []string
	for _, e := range s.Externals {
		if !slices.Contains(kinds, e.Kind) {
			kinds = append(kinds, e.Kind)
		}
	}
	slices.Sort(kinds)
	var marks []Mark
	for _, e := range s.Externals {
		marks = append(marks, Mark{Erasure: erasure, Kinds: []string{e.Kind}, Hash: h.external(e.Kind, e.ID)})
	}
	for _, email := range s.Emails {
		marks = append(marks, Mark{Erasure: erasure, Email: true, Kinds: kinds, Hash: h.email(email)})
		for _, e := range s.Externals {
			marks = append(marks, Mark{Erasure: erasure, Email: true, Kinds: kinds, Hash: h.folded(e.ID, email)})
		}
	}
	for _, name := range s.Names {
		if name.Complete() {
			marks = append(marks, Mark{Erasure: erasure, Email: true, Kinds: kinds, Hash: h.name(name)})
		}
	}
	return marks
}

// List holds the marks of all people who are kept out of one tenant. It is not safe for concurrent use. A nil List
// keeps nobody out.
type List struct {
	hasher    *hasher
	externals map[Hash][]Mark
	emails    map[Hash][]Mark
	kinds     map[uuid.UUID][]string // of each erasure's external ids
}

// NewList returns the List of marks that were made under key. It returns nil if there are no marks.
func NewList(key []byte, marks []Mark) *List {
	if len(marks) == 0 {
		return nil
	}
	l := &List{
		hasher: newHasher(key), externals: map[Hash][]Mark{}, emails: map[Hash][]Mark{},
		kinds: map[uuid.UUID][]string{},
	}
	for _, m := range marks {
		l.add(m)
	}
	return l
}

func (l *List) add(m Mark) {
	if m.Email {
		l.emails[m.Hash] = append(l.emails[m.Hash], m)
		return
	}
	l.externals[m.Hash] = append(l.externals[m.Hash], m)
	l.kinds[m.Erasure] = append(l.kinds[m.Erasure], m.Kinds...)
}

// addMarks adds marks for the keys of a person that the found erasures don't have: an id of a new kind, or a changed
// email. It returns the marks that it added.
func (l *List) addMarks(found []uuid.UUID, kind, external, email string) (added []Mark) {
	for _, erasure := range found {
		of := func(m Mark) bool { return m.Erasure == erasure }
		if external != "" {
			m := Mark{Erasure: erasure, Kinds: []string{kind}, Hash: l.hasher.external(kind, external)}
			if !slices.ContainsFunc(l.externals[m.Hash], of) {
				l.add(m)
				added = append(added, m)
			}
		}
		if email != "" {
			m := Mark{Erasure: erasure, Email: true, Kinds: l.kinds[erasure], Hash: l.hasher.email(email)}
			if !slices.ContainsFunc(l.emails[m.Hash], of) {
				l.add(m)
				added = append(added, m)
			}
		}
	}
	return added
}

// Empty reports whether the list keeps nobody out.
func (l *List) Empty() bool { return l == nil }

// Has reports whether the person with this external id and email is kept out. Both are normalised, and "" if the person
// has none. As in matching, an email doesn't identify a person who has another external id of the same kind.
func (l *List) Has(kind, external, email string) bool { return len(l.Find(kind, external, email)) > 0 }

// Find returns the erasures that keep the person out, by the rules of Has. They are sorted.
func (l *List) Find(kind, external, email string) []uuid.UUID {
	if l == nil {
		return nil
	}
	var found []uuid.UUID
	if external != "" {
		for _, m := range slices.Concat(l.externals[l.hasher.external(kind, external)],
			l.externals[l.hasher.external("", external)]) {
			found = append(found, m.Erasure)
		}
	}
	if email != "" && len(l.emails) > 0 {
		for _, m := range l.emails[l.hasher.email(email)] {
			if external == "" || !slices.Contains(m.Kinds, kind) {
				found = append(found, m.Erasure)
			}
		}
	}
	return sorted(found)
}

// FindRelinked returns the erasures that keep a person out under another external id, as relinking finds a member: by
// the email with both names, or by the email with the id in other letter case. They are sorted. Erasures of older
// releases have no marks of this kind.
func (l *List) FindRelinked(external string, name Name) []uuid.UUID {
	if l == nil || external == "" || name.Email == "" {
		return nil
	}
	marks := l.emails[l.hasher.folded(external, name.Email)]
	if name.Complete() {
		marks = slices.Concat(marks, l.emails[l.hasher.name(name)])
	}
	var found []uuid.UUID
	for _, m := range marks {
		found = append(found, m.Erasure)
	}
	return sorted(found)
}

func sorted(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, roster.CompareIDs)
	return slices.Compact(ids)
}

// FindPerson returns the erasures that keep a person out by that external id, of any kind, or by that email. They are
// sorted.
func (l *List) FindPerson(external, email string) []uuid.UUID {
	if l == nil {
		return nil
	}
	kinds := map[string]bool{}
	for _, marks := range l.externals {
		for _, m := range marks {
			kinds[m.Kinds[0]] = true
		}
	}
	found := l.Find("", "", email)
	for kind := range kinds {
		found = append(found, l.Find(kind, external, "")...)
	}
	return sorted(found)
}

// HasEmail reports whether a normalised email is that of a person who is kept out.
func (l *List) HasEmail(email string) bool {
	return l != nil && email != "" && len(l.emails[l.hasher.email(email)]) > 0
}

// hasher hashes under one key. It is not safe for concurrent use.
type hasher struct {
	mac   interface{ Write([]byte) (int, error) }
	sum   func([]byte) []byte
	reset func()
	text  []byte
}

func newHasher(key []byte) *hasher {
	mac := hmac.New(sha256.New, key)
	return &hasher{mac: mac, sum: mac.Sum, reset: mac.Reset}
}

func (h *hasher) external(kind, id string) Hash { return h.of("external", kind, id) }
func (h *hasher) email(email string) Hash       { return h.of("email", email) }

// folded hashes an external id without letter case, with an email.
func (h *hasher) folded(id, email string) Hash { return h.of("folded", roster.Fold(id), email) }

// name hashes an email with both names, without letter case.
func (h *hasher) name(n Name) Hash {
	return h.of("name", n.Email, roster.Fold(n.First), roster.Fold(n.Last))
}

// of hashes texts. Each ends with a NUL, which no text contains, so different lists never give the same input.
func (h *hasher) of(texts ...string) (hash Hash) {
	h.text = h.text[:0]
	for _, text := range texts {
		h.text = append(append(h.text, text...), 0)
	}
	h.reset()
	_, _ = h.mac.Write(h.text) // a hash never returns an error
	h.sum(hash[:0])
	return hash
}
