package activities

import (
	"context"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
)

// sifter tells known rows from others as they are read, in the goroutine that reads: known ones are only sighted, the
// others go on in pages. It begins while members are still recalled: pages with rows that may yet be known then stand aside, and
// those after them, until it is certain.
//
// Law: what it finds, and in which order rows go on, is as if all members had been recalled before the first row.
type sifter struct {
	recall *roster.Recall
	full   bool          // nothing is taken as known
	most   int           // rows on a page
	hashes []roster.Hash // of rows that may be known
	places []int         // of those that are

	rows    int         // read so far
	digest  roster.Hash // of these
	seen    sightings
	filled  fills       // of known rows
	index   roster.Hash // fingerprint of the members; none until a page can be resumed after
	pages   *pages
	page    *page
	waiting int // rows since the last page was full

	aside     []*page // in order; the first of them is in doubt
	bytes     int     // of these
	mostAside int     // bytes that may stand aside
	ranking   *task[struct{}]
}

// A page is full when it has that many unknown rows or bytes, or when so many rows were read.
const (
	pageRows  = 500
	pageBytes = 256 << 10
	pageReads = 4096
)

// mostAside is enough for one unknown row in a hundred of two million.
const mostAside = 8 << 20

// newSifter is of what recall knows; full: of nothing.
func newSifter(recall *roster.Recall, full bool) *sifter {
	return &sifter{recall: recall, full: full, most: pageRows, mostAside: mostAside}
}

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
		s.count(s.hashes[i])
		s.sighted(&s.filled, place, number+i)
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
		s.count(hash)
		place, known, err := s.recall.Find(hash)
		rank := -1
		switch {
		case err != nil:
			return err
		case known && !s.full:
			s.sighted(&s.filled, place, number)
			if came.Next != "" {
				rank = int(s.recall.Ranks()[place])
			}
		default:
			page.add(unknown{number: number, hash: hash, recognised: known}, raw)
			page.doubt = page.doubt || !known && !s.recall.Whole()
		}
		if came.Next != "" {
			page.ranks = append(page.ranks, rank)
		}
	}
	return s.rest()
}

func (s *sifter) count(hash roster.Hash) {
	s.rows++
	s.waiting++
	s.digest = s.digest.Plus(hash)
}

// sighted takes in a known row, of which filled counts what is in it.
func (s *sifter) sighted(filled *fills, place, number int) {
	filled.count(s.recall.Columns(place))
	s.seen.sight(place, number)
}

// rest sends the page that is being filled, if it is full.
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

// flush sends what was read since the last page, or has it stand aside.
func (s *sifter) flush() error {
	page := s.filling()
	page.read, page.digest = s.rows, s.digest
	s.filled.add(&page.filled)
	s.page, s.waiting = nil, 0
	s.aside, s.bytes = append(s.aside, page), s.bytes+cap(page.data)
	if s.aside[0].doubt && !s.recall.Whole() && s.bytes < s.mostAside {
		return nil
	}
	return s.settle()
}

// settle sends the pages that stand aside, once nothing about them is in doubt.
func (s *sifter) settle() error {
	for _, page := range s.aside {
		if err := s.pages.stopped.Err(); err != nil {
			return context.Cause(s.pages.stopped)
		}
		if err := s.decide(page); err != nil {
			return err
		}
		if err := s.pages.send(page); err != nil {
			return err
		}
	}
	s.aside, s.bytes = s.aside[:0], 0
	return nil
}

// decide takes known rows off a page.
func (s *sifter) decide(page *page) error {
	if page.doubt {
		if err := s.recall.Wait(); err != nil {
			return err
		}
		var filled fills
		left := page.rows[:0]
		for _, row := range page.rows {
			place, known, err := s.recall.Find(row.hash)
			if err != nil {
				return err
			}
			if known && !s.full {
				s.sighted(&filled, place, row.number)
				continue
			}
			row.recognised = known
			left = append(left, row)
		}
		page.rows = left
		filled.add(&page.filled)
	}
	if len(page.rows) > 0 && s.ranking == nil && !s.full {
		s.rank()
	}
	return nil
}

// rank ranks the members, side by side with reading: where a row is unknown it is kept where the known ones were.
func (s *sifter) rank() {
	s.ranking = aside(func() error {
		s.recall.Places()
		s.recall.Fingerprint()
		return nil
	})
}

// end sends all that is left, when all was read.
func (s *sifter) end() error {
	if err := s.recall.Wait(); err != nil {
		return err
	}
	return s.flush()
}

// resume takes in a page that an earlier attempt read.
func (s *sifter) resume(piece usersChunk) {
	for i, rank := range piece.Page {
		if rank >= 0 {
			s.seen.sight(int(s.recall.Places()[rank]), piece.First+i)
		}
	}
	s.rows, s.digest = piece.State.Rows, piece.State.Digest
}
