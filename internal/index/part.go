package index

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// Part is a list of entries about members, in the order of member ids. Reading a directory needs Members and Rows,
// matching needs Members and Keys, so these are stored apart.
type Part struct {
	Number   int64
	Low      uuid.UUID // its first member
	Entries  int       // number of entries
	Replaced int       // entries that replace one in an earlier part
	Deleted  int       // entries about deleted members
	Members  []byte    // format version, ids and marks; each of the three ends with a checksum
	Rows     []byte    // row hashes, and the rows' columns
	Keys     []byte    // keys of external ids, emails and managers' emails; id kinds; departure times
}

// Sizes in bytes. Members, Rows and Keys each consist of columns, one after the other, with that many bytes a member. A
// dictionary of common values follows.
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

// The versions of the format of Members, Rows and Keys. In versionCustom each word of the dictionary in Rows is two: the
// mask of the columns and that of the custom fields. A part has it only if a row fills a custom field.
const (
	version       = 1
	versionCustom = 2
)

// mark holds the small fields of an entry.
type mark byte

const (
	markState       mark = 1<<2 - 1 // a roster.EntryState
	markHasRow      mark = 1 << 2   // the member has a known row
	markHasWarnings mark = 1 << 3
	markDeleted     mark = 1 << 4 // the member was deleted; the entry has no other data
	markForgotten   mark = 1 << 5 // the member's row is forgotten; the entry has no other data
)

// seal appends the checksum of data.
func seal(data []byte) []byte { return binary.LittleEndian.AppendUint64(data, xxh3.Hash(data)) }

// open returns what seal was given, in the memory of data. It returns false if the checksum differs. Columns that
// weren't read have no data.
func open(data []byte) (content []byte, ok bool) {
	if len(data) == 0 {
		return nil, true
	}
	end := len(data) - wordSize
	if end < 0 || xxh3.Hash(data[:end]) != binary.LittleEndian.Uint64(data[end:]) {
		return nil, false
	}
	return data[:end], true
}

// errDamaged says that a part isn't one that a Builder built.
var errDamaged = errors.New("a part of the index is damaged")

// view reads the entries of a part in order.
type view struct {
	number int64
	count  int
	at     int // index of the current entry
	head   id  // id of the current member

	members, rows, keys []byte // copies
	custom              bool   // the part has versionCustom
	columns             int    // start of the dictionary in rows; 0: rows weren't read
	kinds, departed     int    // starts of the kinds and departures in keys; 0: none
}

// load makes v a view of a copy of a part.
func (v *view) load(p *Part) error {
	custom := len(p.Members) > 0 && p.Members[0] == versionCustom
	if len(p.Members) > 0 && p.Members[0] != version && !custom {
		return &wire.VersionError{Version: p.Members[0], Known: versionCustom}
	}
	members, whole := open(p.Members)
	rows, wholeRows := open(p.Rows)
	keys, wholeKeys := open(p.Keys)
	if !whole || !wholeRows || !wholeKeys {
		return fmt.Errorf("%w: part %d has another checksum", errDamaged, p.Number)
	}
	*v = view{
		number: p.Number, count: p.Entries, custom: custom,
		members: append(v.members[:0], members[min(1, len(members)):]...),
		rows:    append(v.rows[:0], rows...), keys: append(v.keys[:0], keys...),
	}
	if v.count <= 0 || len(v.members) != v.count*memberSize {
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
	if v.head = v.id(0); v.uuid() != p.Low {
		return fmt.Errorf("%w: part %d begins with another member", errDamaged, p.Number)
	}
	return nil
}

// loadKeys finds where the kinds and departures start in keys.
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

// word returns the nth 64-bit number after an offset.
func word(data []byte, from, n int) uint64 {
	return binary.LittleEndian.Uint64(data[from+n*wordSize:])
}

// dictionaryWord returns the dictionary entry whose number is the nth after an offset, or 0 if there is none.
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

// row returns the known row of the current member.
func (v *view) row() (row roster.Hash, columns, custom uint64) {
	copy(row[:], v.rows[v.at*hashSize:])
	if !v.custom {
		return row, dictionaryWord(v.rows, v.count*hashSize, v.at, v.columns), 0
	}
	at := v.columns + 2*wordSize*int(binary.LittleEndian.Uint16(v.rows[v.count*hashSize+v.at*numberSize:]))
	if at+2*wordSize > len(v.rows) {
		return row, 0, 0
	}
	return row, word(v.rows, at, 0), word(v.rows, at, 1)
}

// record returns the current entry, as far as the part was read.
func (v *view) record() Record {
	m := v.mark()
	r := Record{Member: v.uuid(), State: roster.EntryState(m & markState), HasWarnings: m&markHasWarnings != 0}
	if v.columns > 0 && m&markHasRow != 0 {
		r.Row, r.Columns, r.Custom = v.row()
	}
	if v.kinds > 0 {
		r.External, r.Email, r.Manager, r.Kind = v.key(0), v.key(1), v.key(2), v.kind()
		r.Departed = v.departedAt()
	}
	return r
}

// key returns the nth key of the current member.
func (v *view) key(n int) uint64 { return word(v.keys, n*v.count*keySize, v.at) }

func (v *view) kind() uint64 { return dictionaryWord(v.keys, 3*v.count*keySize, v.at, v.kinds) }

func (v *view) departedAt() int64 {
	if v.departed == 0 {
		return 0
	}
	return int64(word(v.keys, v.departed, v.at)) //nolint:gosec // as it was written
}
