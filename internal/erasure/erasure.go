// Package erasure says who is kept out of a tenant because their personal data was to be erased, without keeping who
// they are.
//
// Of a person only marks are kept: hashes of external ids and emails under a random key of the tenant's own, so that
// they can neither be compared between tenants nor guessed without the store. A row of the directory is held against the
// marks as it is read: see List.Redact.
package erasure

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"

	"github.com/google/uuid"
)

// KeySize is how many random bytes a tenant's key has.
const KeySize = 32

// Subject is a person to be erased: all that they are or were known by. It is personal: it waits in the store until the
// erasure is done, and no longer.
type Subject struct {
	Members   []uuid.UUID `json:"members,omitempty"`
	Externals []External  `json:"externals,omitempty"`
	Emails    []string    `json:"emails,omitempty"` // as kept: normalised
}

// External is an external id. Kind is "" when it isn't known: then it is meant in every kind.
type External struct {
	Kind string `json:"kind,omitempty"`
	ID   string `json:"id"`
}

// Mark is one thing by which somebody is known again.
type Mark struct {
	Erasure uuid.UUID // whose
	Email   bool      // of an email; else of an external id
	Kinds   []string  // of the external id; of an email, those of all external ids of whoever had it
	Hash    Hash
}

// Hash is a keyed hash.
type Hash [sha256.Size]byte

// Marks are those of a person.
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
	}
	return marks
}

// List is who is kept out of one tenant. It is for one goroutine. The nil List keeps nobody out.
type List struct {
	hasher    *hasher
	externals map[Hash][]Mark
	emails    map[Hash][]Mark
	kinds     map[uuid.UUID][]string // of each erasure's external ids
}

// NewList makes a List of marks that were made under key; nil when there are none.
func NewList(key []byte, marks []Mark) *List {
	if len(marks) == 0 {
		return nil
	}
	l := &List{
		hasher: newHasher(key), externals: map[Hash][]Mark{}, emails: map[Hash][]Mark{}, kinds: map[uuid.UUID][]string{},
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

// learn gives the marks by which somebody found by one key is to be known again by the other: an id of a new kind, an email that
// has changed since. From then on the list has them.
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

// Empty tells whether nobody is kept out.
func (l *List) Empty() bool { return l == nil }

// Has tells whether whoever has that external id of that kind and that email, normalised, "" where there is none, is kept
// out. As in matching, an email says nothing of somebody who has another external id of the same kind.
func (l *List) Has(kind, external, email string) bool { return len(l.Find(kind, external, email)) > 0 }

// Find gives the erasures that keep them out.
func (l *List) Find(kind, external, email string) []uuid.UUID {
	if l == nil {
		return nil
	}
	var found []uuid.UUID
	if external != "" {
		for _, m := range slices.Concat(l.externals[l.hasher.external(kind, external)], l.externals[l.hasher.external("", external)]) {
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

func sorted(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// FindPerson gives the erasures that keep somebody out by that external id, of whatever kind, or by that email.
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

// HasEmail tells whether an email, normalised, was that of somebody who is kept out.
func (l *List) HasEmail(email string) bool {
	return l != nil && email != "" && len(l.emails[l.hasher.email(email)]) > 0
}

// hasher hashes under one key. It is for one goroutine.
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

// of hashes texts so that no two lists of them run together: none of them holds a NUL.
func (h *hasher) of(texts ...string) (hash Hash) {
	h.text = h.text[:0]
	for _, text := range texts {
		h.text = append(append(h.text, text...), 0)
	}
	h.reset()
	_, _ = h.mac.Write(h.text) // a hash takes everything
	h.sum(hash[:0])
	return hash
}
