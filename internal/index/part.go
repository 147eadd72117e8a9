// Package index is the form in which a tenant's index is kept, so that a million members are read in a few blobs and not
// row by row.
//
// The index is a number of parts. A part is what one batch made of some members: its records, sorted by member, and
// marks for members who are gone or whose row is forgotten. Of several parts that speak of one member the one with
// the highest number counts. A Builder makes a part, a Merger makes the index of all of them; an index of many parts, or with
// many obsolete entries, is compacted.
//
// The package is pure. What is kept is made of hashes; still it goes when the member goes, as it says who was there.
package index

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// Part is some members, in the order of their ids. What reading a directory needs (Members, Rows) is apart from what
// matching needs (Members, Keys): nobody reads both.
type Part struct {
	Number   int64
	Low      uuid.UUID // its first member
	Entries  int       // members that it speaks of
	Replaced int       // of these, about whom an earlier part has something to say too
	Deleted  int       // of these, who are no members any more
	Members  []byte    // the version of the format, ids and marks
	Rows     []byte    // hashes of rows, and their columns
	Keys     []byte    // keys of external ids, of emails and of managers' emails; kinds of ids; when members departed
}

// What a part has of each member, in bytes. Each of the three pieces begins with one column after the other of so many
// bytes a member; a dictionary follows, of what most have in common.
const (
	idSize   = 16
	markSize = 1

	hashSize   = 16
	numberSize = 2 // in a dictionary

	keySize  = 8
	wordSize = 8

	memberSize = idSize + markSize
	rowSize    = hashSize + numberSize
	keysSize   = 3*keySize + numberSize
)

// version is that of the three pieces' format.
const version = 1

// mark is what else is kept of a member.
type mark byte

const (
	markState       mark = 1<<2 - 1 // a roster.State
	markHasRow      mark = 1 << 2   // a row
	markHasWarnings mark = 1 << 3
	markDeleted     mark = 1 << 4 // there is no such member any more; nothing else is said
	markForgotten   mark = 1 << 5 // the member knows no row any more; nothing else is said
)

// errDamaged says that a part isn't what a Builder made.
var errDamaged = errors.New("a part of the index is damaged")

// view is a part that is being read.
type view struct {
	number int64
	count  int
	at     int // the member that comes next
	head   id  // its id

	members, rows, keys []byte // copies
	columns             int    // where the dictionary of rows begins; 0: there are no rows
	kinds, departed     int    // where those of keys begin; 0: there are none
}

// take makes v a view of a part, of whose bytes it keeps copies.
func (v *view) load(p *Part) error {
	if len(p.Members) > 0 && p.Members[0] != version {
		return &wire.VersionError{Version: p.Members[0], Known: version}
	}
	*v = view{
		number: p.Number, count: p.Entries,
		members: append(v.members[:0], p.Members[min(1, len(p.Members)):]...), rows: append(v.rows[:0], p.Rows...), keys: append(v.keys[:0], p.Keys...),
	}
	if v.count == 0 || len(v.members) != v.count*memberSize {
		return fmt.Errorf("%w: part %d has %d bytes for %d members", errDamaged, p.Number, len(v.members), v.count)
	}
	if len(v.rows) > 0 {
		v.columns = v.count * rowSize
		if len(v.rows) < v.columns || (len(v.rows)-v.columns)%wordSize != 0 {
			return fmt.Errorf("%w: part %d has %d bytes for %d rows", errDamaged, p.Number, len(v.rows), v.count)
		}
	}
	if len(v.keys) > 0 {
		if err := v.loadKeys(p.Number); err != nil {
			return err
		}
	}
	v.head = v.id(0)
	return nil
}

// takeKeys finds out where the dictionaries of keys begin.
func (v *view) loadKeys(number int64) error {
	counted := v.count * keysSize
	v.kinds = counted + numberSize
	if len(v.keys) >= v.kinds {
		v.departed = v.kinds + int(binary.LittleEndian.Uint16(v.keys[counted:]))*wordSize
		switch len(v.keys) - v.departed {
		case 0:
			v.departed = 0
			return nil
		case v.count * wordSize:
			return nil
		}
	}
	return fmt.Errorf("%w: part %d has %d bytes for the keys of %d members", errDamaged, number, len(v.keys), v.count)
}

func (v *view) mark() mark { return mark(v.members[v.count*idSize+v.at]) }

// word is the nth of the numbers that begin at a place.
func word(data []byte, from, n int) uint64 {
	return binary.LittleEndian.Uint64(data[from+n*wordSize:])
}

// looked is the word in a dictionary whose number is the nth of those that begin at a place; 0 where there is none.
func dictionaryWord(data []byte, from, n, dictionary int) uint64 {
	at := dictionary + int(binary.LittleEndian.Uint16(data[from+n*numberSize:]))*wordSize
	if at+wordSize > len(data) {
		return 0
	}
	return binary.LittleEndian.Uint64(data[at:])
}

func (v *view) uuid() (member uuid.UUID) {
	copy(member[:], v.members[v.at*idSize:])
	return member
}

// row is the row that the member at hand knows.
func (v *view) row() (row roster.Hash, columns uint64) {
	copy(row[:], v.rows[v.at*hashSize:])
	return row, dictionaryWord(v.rows, v.count*hashSize, v.at, v.columns)
}

// record is what the part says of the member at hand, as far as its pieces were read.
func (v *view) record() Record {
	m := v.mark()
	r := Record{Member: v.uuid(), State: roster.State(m & markState), HasWarnings: m&markHasWarnings != 0}
	if v.columns > 0 && m&markHasRow != 0 {
		r.Row, r.Columns = v.row()
	}
	if v.kinds > 0 {
		r.External, r.Email, r.Manager, r.Kind = v.key(0), v.key(1), v.key(2), v.kind()
		r.Departed = v.departedAt()
	}
	return r
}

// key is the nth key of the member at hand.
func (v *view) key(n int) uint64 { return word(v.keys, n*v.count*keySize, v.at) }

func (v *view) kind() uint64 { return dictionaryWord(v.keys, 3*v.count*keySize, v.at, v.kinds) }

func (v *view) departedAt() int64 {
	if v.departed == 0 {
		return 0
	}
	return int64(word(v.keys, v.departed, v.at)) //nolint:gosec // as it was written
}
