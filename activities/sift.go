package activities

import (
	"slices"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
)

// sifter tells known rows from others as they are read, in the goroutine that reads: known ones are only sighted, the
// others go on in pages. It begins while members are still recalled.
type sifter struct {
	recall *roster.Recall
	full   bool          // nothing is taken as known
	most   int           // unknown rows on a page
	hashes []roster.Hash // of rows that may be known
	places []int         // of those that are

	rows    int         // read so far
	digest  roster.Hash // of these
	rowOf   []int32     // by place: row at which a known row was sighted first; 0: not
	more    []more      // known rows sighted once more; here Rank is the place
	filled  fills       // of known rows
	index   roster.Hash // fingerprint of the members; none until a page can be resumed after
	pages   *pages
	page    *page
	waiting int // rows since the last page was sent
}

// A page is sent when it has that many unknown rows or bytes, or when so many rows were read.
const (
	pageRows  = 500
	pageBytes = 256 << 10
	pageReads = 4096
)

// page is a piece of what was read: unknown rows in memory of their own, and what all rows to its end amount to.
type page struct {
	rows   []unknown
	data   []byte // of rows
	read   int    // rows from the beginning of the read
	digest roster.Hash
	filled []int // by column: known rows since the page before in which it had a value

	decoded decoded

	next  directory.Cursor // where to go on after it; "": the source can't
	first int              // with next: the number of its first row,
	ranks []int            // for each row the rank of the member who knows it, -1: none,
	index roster.Hash      // and the fingerprint of the members
}

// unknown is a row to be decoded.
type unknown struct {
	number     int
	hash       roster.Hash
	recognised bool
	from, to   int // in the page's data
}

func (p *page) clear() {
	p.decoded.clear()
	*p = page{rows: p.rows[:0], data: p.data[:0], filled: p.filled[:0], decoded: p.decoded}
}

func (p *page) raw(row *unknown) []byte { return p.data[row.from:row.to:row.to] }

// known is a directory.Known.
func (s *sifter) known(number int, raw [][]byte) (int, error) {
	s.hashes = s.hashes[:0]
	for _, row := range raw {
		s.hashes = append(s.hashes, roster.HashBytes(row))
	}
	var err error
	if s.places, err = s.recall.FindAll(s.hashes, s.places[:0]); err != nil || len(s.places) == 0 {
		return 0, err
	}
	for i, place := range s.places {
		s.sighted(number+i, place, s.hashes[i])
	}
	return len(s.places), s.rest()
}

// keep takes in a page of any rows.
func (s *sifter) keep(came directory.Page) error {
	page := s.filling()
	if page.next = came.Next; came.Next != "" {
		if err := s.recall.Wait(); err != nil {
			return err
		}
		if s.index == (roster.Hash{}) {
			s.index = s.recall.Fingerprint()
		}
		page.first, page.index = came.First, s.index
	}
	for i, raw := range came.Rows {
		hash, number := roster.HashBytes(raw), came.First+i
		place, known, err := s.recall.Find(hash)
		rank := -1
		switch {
		case err != nil:
			return err
		case known && !s.full:
			s.sighted(number, place, hash)
			if came.Next != "" {
				rank = int(s.recall.Ranks()[place])
			}
		default:
			s.count(hash)
			page.add(unknown{number: number, hash: hash, recognised: known}, raw)
		}
		if came.Next != "" {
			page.ranks = append(page.ranks, rank)
		}
	}
	return s.rest()
}

func (p *page) add(row unknown, raw []byte) {
	row.from = len(p.data)
	p.data = append(p.data, raw...)
	row.to = len(p.data)
	p.rows = append(p.rows, row)
}

func (s *sifter) count(hash roster.Hash) {
	s.rows++
	s.waiting++
	s.digest = s.digest.Plus(hash)
}

// sighted takes in a known row.
func (s *sifter) sighted(number, place int, hash roster.Hash) {
	s.count(hash)
	s.filled.count(s.recall.Columns(place))
	s.sight(place, number)
}

func (s *sifter) sight(place, row int) {
	s.reach(place + 1)
	if s.rowOf[place] == 0 {
		s.rowOf[place] = int32(row) //nolint:gosec // rows are counted in an int32 all over package roster
		return
	}
	s.more = append(s.more, more{Rank: place, Row: row})
}

// reach makes room for the rows of so many members.
func (s *sifter) reach(members int) {
	if missing := members - len(s.rowOf); missing > 0 {
		s.rowOf = append(s.rowOf, make([]int32, max(missing, s.recall.Len()-len(s.rowOf)))...)
	}
}

// newSifter is of what recall knows; full: of nothing.
func newSifter(recall *roster.Recall, full bool) *sifter {
	return &sifter{recall: recall, full: full, most: pageRows}
}

// rest sends the page that is being filled, if it is time.
func (s *sifter) rest() error {
	if s.waiting < pageReads && (s.page == nil || len(s.page.rows) < s.most && len(s.page.data) < pageBytes && s.page.next == "") {
		return nil
	}
	return s.flush()
}

func (s *sifter) filling() *page {
	if s.page == nil {
		s.page = s.pages.empty()
	}
	return s.page
}

// flush sends what was read since the last page.
func (s *sifter) flush() error {
	page := s.filling()
	page.read, page.digest = s.rows, s.digest
	s.filled.add(&page.filled)
	s.page, s.waiting = nil, 0
	return s.pages.send(page)
}

// eachOnce tells whether every known row was read, and none of them twice.
func (s *sifter) eachOnce() bool {
	s.reach(s.recall.Len())
	return len(s.more) == 0 && !slices.Contains(s.rowOf, 0)
}

// sights are the places of known rows, as they are kept; for when all was read.
func (s *sifter) sights() (rows []int32, again []more) {
	s.reach(s.recall.Len())
	rows = make([]int32, len(s.rowOf))
	for rank, place := range s.recall.Places() {
		rows[rank] = s.rowOf[place]
	}
	again = make([]more, len(s.more))
	for i, m := range s.more {
		again[i] = more{Rank: int(s.recall.Ranks()[m.Rank]), Row: m.Row}
	}
	return rows, again
}

// resume takes in a page that an earlier attempt read.
func (s *sifter) resume(piece usersChunk) {
	for i, rank := range piece.Page {
		if rank >= 0 {
			s.sight(int(s.recall.Places()[rank]), piece.First+i)
		}
	}
	s.rows, s.digest = piece.State.Rows, piece.State.Digest
}
