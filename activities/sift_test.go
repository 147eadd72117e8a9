package activities

import (
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
)

// The members of these tests come in two pieces: some thousands, who are recalled together, and a few who are late.
const (
	early = 1 << 12
	late  = 200
)

func rowOfMember(n int) []byte { return fmt.Append(nil, `{"Employee_ID":"E`, n, `"}`) }

// members each know the row of their number.
var members = sync.OnceValue(func() (all []roster.Recalled) {
	for n := range early + late {
		all = append(all, roster.Recalled{Member: uuid.UUID{byte(n), byte(n >> 8)}, Row: roster.HashBytes(rowOfMember(n)), Columns: uint64(n%7 + 1)})
	}
	return all
})

// comers are the members; the late ones wait for the gate to open.
func comers(gate <-chan struct{}, failed error) iter.Seq2[roster.Recalled, error] {
	return func(yield func(roster.Recalled, error) bool) {
		for n, member := range members() {
			if n == early {
				<-gate
				if failed != nil {
					yield(roster.Recalled{}, failed)
					return
				}
			}
			if !yield(member, nil) {
				return
			}
		}
	}
}

// drawComers draws the numbers of a report's rows: of early members, of late ones, of nobody, some of them twice.
func drawComers(t *rapid.T) (rows []int) {
	for range rapid.IntRange(1, 12).Draw(t, "stretches") {
		from := rapid.SampledFrom([]int{0, 50, 3000, early, early + 50, early + late, early + late + 1000}).Draw(t, "from")
		for i := range rapid.IntRange(1, 25).Draw(t, "rows") {
			rows = append(rows, from+i)
		}
	}
	return rows
}

// sifting is a sifter at work on rows.
type sifting struct {
	*sifter
	rows   []int
	gate   chan struct{} // of the late members
	opens  int           // before which row
	failed error         // with which recalling them fails
	loaded *task[struct{}]
}

func newSifting(t *rapid.T, rows []int, full bool) *sifting {
	s := &sifting{sifter: newSifter(roster.NewRecall(), full), rows: rows, gate: make(chan struct{})}
	s.recall.Lead = rapid.SampledFrom([]int{0, early / 2}).Draw(t, "lead")
	s.pages = &pages{stopped: t.Context(), read: make(chan *page, 1000), free: make(chan *page, 3)}
	return s
}

// read reads all rows. Some are asked for together whether they are known, as a selective directory does.
func (s *sifting) read(t *rapid.T) error {
	s.loaded = aside(func() error { return s.recall.Load(comers(s.gate, s.failed)) })
	for at := 0; at < len(s.rows); {
		if s.opens >= 0 && at >= s.opens {
			close(s.gate)
			s.opens = -1
			if rapid.Bool().Draw(t, "they have come at once") {
				_ = s.loaded.failure()
			}
		}
		var raw [][]byte
		for _, n := range s.rows[at:min(len(s.rows), at+rapid.IntRange(1, 9).Draw(t, "together"))] {
			raw = append(raw, rowOfMember(n))
		}
		if !s.full && rapid.IntRange(0, 3).Draw(t, "asked") > 0 {
			taken, err := s.known(at+1, raw)
			if err != nil {
				return err
			}
			if at += taken; taken > 0 {
				continue
			}
		}
		page := directory.Page{First: at + 1}
		for _, row := range raw {
			page.Rows = append(page.Rows, row)
		}
		err := s.keep(page)
		for _, row := range raw {
			clear(row) // it was valid until now
		}
		if err != nil {
			return err
		}
		at += len(raw)
	}
	if s.opens >= 0 {
		close(s.gate)
	}
	return nil
}

// sent are the pages that were sent.
func (s *sifting) sent() (sent []*page) {
	close(s.pages.read)
	for p := range s.pages.read {
		sent = append(sent, p)
	}
	return sent
}

// requireSent holds what was sent to what a report is, row by row, as is known of everybody.
func (s *sifting) requireSent(t *rapid.T, sent []*page) {
	var digest roster.Hash
	at := 0
	for _, p := range sent {
		counted := fills{}
		unknown := p.rows
		for ; at < p.read; at++ {
			n := s.rows[at]
			raw := rowOfMember(n)
			digest = digest.Plus(roster.HashBytes(raw))
			known := n < early+late
			if known && !s.full {
				counted.count(uint64(n%7 + 1))
				continue
			}
			require.NotEmpty(t, unknown)
			require.Equal(t, at+1, unknown[0].number)
			require.Equal(t, roster.HashBytes(raw), unknown[0].hash)
			require.Equal(t, known, unknown[0].recognised)
			require.Equal(t, string(raw), string(p.raw(&unknown[0])))
			unknown = unknown[1:]
		}
		require.Empty(t, unknown)
		require.Equal(t, digest, p.digest)
		var want []int
		counted.add(&want)
		for column := range max(len(want), len(p.filled)) {
			require.Equal(t, countOf(want, column), countOf(p.filled, column), "column %d", column)
		}
	}
}

func countOf(counts []int, column int) int {
	if column < len(counts) {
		return counts[column]
	}
	return 0
}

func TestRowsAreSiftedWhileMembersComeAsWhenAllHaveCome(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows, full := drawComers(t), rapid.IntRange(0, 3).Draw(t, "full") == 0
		s := newSifting(t, rows, full)
		s.most, s.mostAside = rapid.IntRange(1, 9).Draw(t, "rows of a page"), rapid.SampledFrom([]int{0, 300, 3000, 1 << 20}).Draw(t, "bytes aside")
		if s.opens = rapid.IntRange(0, len(rows)).Draw(t, "late ones come before row"); s.mostAside < 1<<20 {
			s.opens = 0 // the read waits for them
		}
		require.NoError(t, s.read(t))
		require.NoError(t, s.end())
		sent := s.sent()
		s.requireSent(t, sent)
		require.Equal(t, len(rows), sent[len(sent)-1].read)

		first, again := make([]int32, early+late), []more{}
		for i, n := range rows {
			switch {
			case n >= len(first) || full:
			case first[n] > 0:
				again = append(again, more{Rank: n, Row: i + 1})
			default:
				first[n] = int32(i + 1)
			}
		}
		rowOf, seenAgain := s.seen.byRank(s.recall)
		for rank, place := range s.recall.Places() {
			require.Equal(t, first[place], rowOf[rank])
		}
		for i := range seenAgain {
			seenAgain[i].Rank = int(s.recall.Places()[seenAgain[i].Rank])
		}
		require.Equal(t, again, seenAgain)
		require.NoError(t, s.loaded.failure())
	})
}

func TestWhatStandsAsideWhenAReadFailsIsStillDecided(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newSifting(t, drawComers(t), false)
		s.most, s.opens = rapid.IntRange(1, 9).Draw(t, "rows of a page"), len(s.rows)
		require.NoError(t, s.read(t))
		aside := len(s.aside)
		require.NoError(t, s.settle())
		sent := s.sent()
		require.GreaterOrEqual(t, len(sent), aside)
		s.requireSent(t, sent)
	})
}

func TestNoRowIsUnknownBecauseMembersCouldNotBeRecalled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newSifting(t, append(drawComers(t), early), rapid.Bool().Draw(t, "full"))
		s.failed = errors.New("the database has gone")
		s.most, s.opens = rapid.IntRange(1, 9).Draw(t, "rows of a page"), rapid.IntRange(0, len(s.rows)).Draw(t, "fails before row")
		err := s.read(t)
		if err == nil {
			err = s.end()
		}
		require.ErrorIs(t, err, s.failed)
		for _, p := range s.sent() {
			for _, row := range p.rows {
				require.Less(t, s.rows[row.number-1], early, "nobody can say that it is unknown")
			}
		}
	})
}

func TestOnlySoMuchStandsAside(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newSifting(t, nil, rapid.Bool().Draw(t, "full"))
		s.loaded = aside(func() error { return s.recall.Load(comers(s.gate, nil)) })
		s.most, s.mostAside = 10, 3000
		rows := 0
		read := func() {
			rows++
			require.NoError(t, s.keep(directory.Page{First: rows, Rows: []directory.Row{rowOfMember(early + late + rows)}}))
		}
		for s.bytes < 2000 && rows < 200 {
			read()
		}
		require.Empty(t, s.pages.read)
		close(s.gate)
		for len(s.aside) > 0 {
			read()
		}
		require.Zero(t, s.bytes)
		require.LessOrEqual(t, rows, 200)
		require.Len(t, s.sent(), rows/10)
	})
}
