package intake

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/stage"
)

// plain is what comes of a report.
type plain struct {
	counts stage.Counts
	rows   []roster.Row
	seen   map[int][]int // row numbers of known rows, by rank
	failed fault.Kind
}

// plainly reads the report as simply as can be, one row after the other by one reader.
func (d drawn) plainly(t *rapid.T, erased *erasure.List, full, fresh bool) (p plain) {
	columns, err := read.DecodeColumns(d.state.Columns, d.from)
	require.NoError(t, err)
	if p.counts.Columns = columns; fresh {
		p.counts.Columns = columns.Renumbered()
	}
	reader := read.NewReader(roster.Mappings{Fields: d.fields}, &p.counts.Columns)
	redact := erased.Redact(d.fields, &p.counts.Columns, d.from)
	filled := make([]int, 64)
	p.seen = map[int][]int{}
	for i, raw := range d.rows {
		hash := roster.HashBytes([]byte(raw))
		rank := slices.IndexFunc(d.known, func(r roster.KnownRow) bool { return r.Row == hash })
		var mask uint64
		if rank >= 0 && !full {
			mask = d.known[rank].Columns
			p.seen[rank] = append(p.seen[rank], i+1)
		} else {
			row, err := reader.Read(i+1, []byte(raw))
			if malformed(err) {
				row, err = roster.UnreadableRow(i+1), nil
			}
			if known, ok := fault.Of(err); ok {
				p.failed = known.Kind
				return p
			}
			require.NoError(t, err)
			mask, row.Recognised = row.Mask(), rank >= 0
			p.rows = append(p.rows, redact.Row(row))
		}
		p.counts.Rows, p.counts.Digest = i+1, p.counts.Digest.Plus(hash)
		for column := range filled {
			filled[column] += int(mask >> column & 1)
		}
	}
	p.counts.Filled, p.counts.Staged, p.counts.Unused = filled, len(p.rows), reader.Unused()
	return p
}

// bindings are those of the report as it was read.
func (p plain) bindings(d drawn) string {
	return read.Bind(roster.Mappings{Fields: d.fields}, &p.counts.Columns, p.counts.Filled).Digest()
}

// read reads the report, again after each read that fails because the connection is lost.
func (d *drawn) read(t *rapid.T) (kept stages, read stage.UsersRead, err error) {
	kept = stages{}
	progress := &counter{}
	for attempt := 1; attempt <= 3; attempt++ {
		u := Users{
			Attempt: stage.Attempt{
				Store: kept, Number: attempt, Began: time.Unix(0, 0), Now: func() time.Time { return time.Unix(0, 0) },
			},
			Directory: &d.paper, Mappings: roster.Mappings{Fields: d.fields}, State: d.state, Erased: erasure.NewList(markKey, d.erased), Full: d.full,
			ChunkRows: 6, Progress: progress,
			KnownRows: func(context.Context) iter.Seq2[roster.KnownRow, error] { return seqOf(d.known, nil) },
		}
		read, err = u.Read(t.Context())
		if known, ok := fault.Of(err); !ok || known.Kind != fault.KindConnectionLost {
			return kept, read, err
		}
	}
	return kept, read, err
}

// seqOf iterates over values, and ends with an error unless that is nil.
func seqOf[T any](values []T, failed error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, value := range values {
			if !yield(value, nil) {
				return
			}
		}
		if failed != nil {
			var none T
			yield(none, failed)
		}
	}
}

func TestAReadIsWhatOneReaderMakesOfAllRowsInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawReport(t)
		if d.fails = d.fails[:min(2, len(d.fails))]; len(d.erased) > 0 {
			d.fails = nil // each attempt reads the erased people again
		}
		erased := erasure.NewList(markKey, d.erased) // learns by what else people are recognised
		want := d.plainly(t, erased, d.full, false)
		if rapid.Bool().Draw(t, "columns as before") {
			d.state.Bindings = want.bindings(d)
		}
		name, again := ledger.StageUsers, false
		if want.failed == "" && !d.full && want.counts.Staged < want.counts.Rows &&
			want.bindings(d) != d.state.Bindings {
			again, want = true, d.plainly(t, erased, true, false)
		}
		if want.failed == fault.KindTooManyColumns && d.state.Columns != nil {
			again, want = true, d.plainly(t, erased, true, true)
		}
		if again {
			name = ledger.StageUsersAgain
		}
		kept, read, err := d.read(t)
		if want.failed != "" {
			known, ok := fault.Of(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, want.failed, known.Kind)
			require.False(t, kept[name] != nil && kept[name].Sealed)
			return
		}
		require.NoError(t, err)
		require.Equal(t, name, read.Stage)
		require.Equal(t, want.counts.Rows, read.Users)
		require.Equal(t, want.counts.Staged, read.Staged)
		require.Equal(t, hex.EncodeToString(want.counts.Digest[:]), read.Digest)
		have, rows, seen := sealedUsers(t, kept, name)
		require.Equal(t, want.rows, rows)
		if !d.full && !again {
			require.Equal(t, want.seen, seen)
		}
		have.Filled = append(have.Filled, make([]int, 64-len(have.Filled))...)
		require.Equal(t, fmt.Sprint(want.counts), fmt.Sprint(have.Counts))
		require.Equal(t, d.full || again, have.Full)
	})
}

// sealedUsers is what a stage of users holds: also the pages from which a read was resumed.
func sealedUsers(
	t *rapid.T,
	kept stages,
	name string,
) (summary stage.UsersSummary, rows []roster.Row, seen map[int][]int) {
	summary, err := stage.Sealed[stage.UsersSummary](t.Context(), kept, [16]byte{}, name)
	require.NoError(t, err)
	seen = map[int][]int{}
	for data, err := range kept.Chunks(t.Context(), [16]byte{}, name, 0, -1) {
		require.NoError(t, err)
		var chunk stage.UsersChunk
		require.NoError(t, decode(data, &chunk))
		rows = append(rows, chunk.Rows...)
		if chunk.Seen != nil {
			for rank, row := range chunk.Seen.All() {
				seen[rank] = append(seen[rank], row)
			}
		}
	}
	for rank := range seen {
		slices.Sort(seen[rank])
	}
	return summary, rows, seen
}

func TestPagesDecodedAheadAreAsIfDecodedInTheirTurn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawReport(t)
		known, err := LoadKnownRows(seqOf(d.known, nil))
		require.NoError(t, err)
		want, wantErr := d.decodePages(known, func(*decoder, *page) {})
		have, err := d.decodePages(known, func(of *decoder, p *page) { of.decodeAhead(p, known) })
		require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err))
		require.Equal(t, want, have)
	})
}

// decodePages decodes pages of the report, each after ahead has got it.
func (d drawn) decodePages(known *KnownRows, ahead func(*decoder, *page)) (decoded []string, err error) {
	var columns read.Columns
	of := &decoder{
		full: d.full, reader: read.NewReader(roster.Mappings{Fields: d.fields}, &columns),
		redact: erasure.NewList(markKey, d.erased).Redact(d.fields, &columns, d.from),
	}
	var all []*page
	for first := 0; first < len(d.rows); first += d.page {
		p := newPage(first + 1)
		for _, row := range d.rows[first:min(first+d.page, len(d.rows))] {
			p.add([]byte(row))
		}
		p.match(known)
		all = append(all, p)
	}
	for i, p := range all {
		if i%2 == 0 { // two at once
			for _, next := range all[i:min(i+2, len(all))] {
				ahead(of, next)
			}
		}
		if err := of.decodeInTurn(p, known); err != nil {
			return decoded, err
		}
		data, err := encode(&stage.UsersChunk{Packed: []*read.PackedRows{p.decoded.releasePacked()}})
		if err != nil {
			return decoded, err
		}
		var filled []int
		p.filled.addTo(&filled)
		decoded = append(decoded, string(data), fmt.Sprint(filled), fmt.Sprint(columns, of.reader.Unused()))
	}
	return decoded, nil
}

func TestRowsThatAreAllKnownAreNotStagedIfNothingIsToBeSaidOfThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawn{paper: paper{from: workdaySource(), page: 3}}
		var digest roster.Hash
		for i := range rapid.IntRange(1, 20).Draw(t, "rows") {
			row := fmt.Sprintf(`{"Employee_ID":"E%d"}`, i)
			hash := roster.HashBytes([]byte(row))
			d.rows, digest = append(d.rows, row), digest.Plus(hash)
			d.known = append(d.known, roster.KnownRow{Member: [16]byte{byte(i)}, Row: hash, Columns: 1})
		}
		d.rows = rapid.Permutation(d.rows).Draw(t, "order")
		columns := read.Columns{Names: []string{"Employee_ID"}}
		d.state.Columns, _ = json.Marshal(columns)
		d.state.Rules = roster.Mappings{}.Digest()
		d.state.Bindings = read.Bind(roster.Mappings{}, &columns, []int{len(d.rows)}).Digest()
		d.state.Digest, d.state.Complete = hex.EncodeToString(digest[:])+"and groups", true
		want := rapid.SampledFrom([]string{"nothing to say", "one twice", "one missing", "not settled", "issues"}).
			Draw(t, "case")
		summary, _ := json.Marshal(stage.RosterSummary{Plain: want != "issues"})
		kept := stages{
			ledger.StageRoster: {Stage: ledger.Stage{Name: ledger.StageRoster, Sealed: true, Summary: summary}},
		}
		switch want {
		case "one twice":
			d.rows = append(d.rows, d.rows[0])
		case "one missing":
			d.known = append(
				d.known,
				roster.KnownRow{Member: [16]byte{255}, Row: roster.HashBytes([]byte("{}")), Columns: 1},
			)
		case "not settled":
			d.state.Complete = false
		}
		read, err := Users{
			Attempt:   stage.Attempt{Store: kept, Number: 1, Now: time.Now},
			Directory: &d.paper, State: d.state, ChunkRows: 6, Progress: &counter{},
			KnownRows: func(context.Context) iter.Seq2[roster.KnownRow, error] { return seqOf(d.known, nil) },
		}.Read(t.Context())
		require.NoError(t, err)
		require.Zero(t, read.Staged)
		if want == "nothing to say" {
			require.Equal(t, &stage.AllKnown{Source: d.from, Filled: []int{len(d.rows)}}, read.Known)
			require.Empty(t, read.Stage)
			require.NotContains(t, kept, ledger.StageUsers)
		} else {
			require.Nil(t, read.Known)
			require.Equal(t, ledger.StageUsers, read.Stage)
		}
	})
}

// stale is a directory that refuses its cursors a number of times, each time after a page.
type stale struct {
	paper
	refuses int
	reads   []directory.Cursor // where each read began
}

func (s *stale) refuse(from directory.Cursor, page directory.Page, keep func(directory.Page) error) error {
	s.reads = append(s.reads, from)
	if s.refuses == 0 {
		return nil
	}
	s.refuses--
	if from != "" {
		return fault.CursorRefused(fault.At{Source: "paper"})
	}
	if err := keep(page); err != nil {
		return err
	}
	return fault.CursorRefused(fault.At{Source: "paper"})
}

func (s *stale) Users(
	ctx context.Context, from directory.Cursor, first int, keep func(directory.Page) error,
) (directory.Sealed, error) {
	page := directory.Page{First: 1, Rows: []directory.Row{directory.Row(s.rows[0])}, Next: "1"}
	if err := s.refuse(from, page, keep); err != nil {
		return directory.Sealed{}, err
	}
	return s.paper.Users(ctx, from, first, keep)
}

func (s *stale) Groups(
	_ context.Context, from directory.Cursor, first int, keep func(directory.Page) error,
) (directory.Sealed, error) {
	page := func(n int, next directory.Cursor) directory.Page {
		key := fmt.Sprint("g", n)
		return directory.Page{
			First: n, Next: next, Groups: []directory.Group{{Row: n, Key: key, Name: key}},
			Memberships: []directory.Membership{{Group: key, User: "E1"}},
		}
	}
	if err := s.refuse(from, page(1, "1"), keep); err != nil {
		return directory.Sealed{}, err
	}
	for n := first; n <= 3; n++ {
		if err := keep(page(n, directory.Cursor(fmt.Sprint(n)))); err != nil {
			return directory.Sealed{}, err
		}
	}
	return directory.Seal(3), nil
}

// docs/rules.md section 6, "Sources".
func TestSources(t *testing.T) {
	t.Parallel()
	t.Run("WorkOS refuses a cursor", func(t *testing.T) {
		t.Parallel()
		rows := []string{`{"idp_id":"E1"}`, `{"idp_id":"E2"}`, `{"idp_id":"E3"}`}
		for name, c := range map[string]struct {
			refuses, attempts int
			reads             []directory.Cursor
			failed            fault.Kind
		}{
			"never":                      {0, 1, []directory.Cursor{""}, ""},
			"once":                       {1, 1, []directory.Cursor{"", ""}, ""},
			"twice":                      {2, 1, []directory.Cursor{"", ""}, fault.KindCursorRefused},
			"twice, and another attempt": {2, 2, []directory.Cursor{"", "", "1"}, ""},
			"in each attempt once":       {3, 2, []directory.Cursor{"", "", "1", ""}, ""},
		} {
			of := workos.Source()
			users := &stale{paper: paper{from: of, rows: rows, page: 1}, refuses: c.refuses}
			groups := &stale{paper: paper{from: of}, refuses: c.refuses}
			kept := stages{}
			var usersErr, groupsErr error
			var fromUsers stage.UsersRead
			var fromGroups stage.GroupsRead
			for number := 1; number <= c.attempts; number++ {
				attempt := stage.Attempt{Store: kept, Number: number, Now: time.Now}
				fromUsers, usersErr = Users{
					Attempt: attempt, Directory: users, ChunkRows: 6, Progress: &counter{},
					KnownRows: func(context.Context) iter.Seq2[roster.KnownRow, error] { return seqOf[roster.KnownRow](nil, nil) },
				}.Read(t.Context())
				fromGroups, groupsErr = Groups{Attempt: attempt, Directory: groups, ChunkRows: 6, Progress: &counter{}}.Read(t.Context())
			}
			require.Equal(t, c.reads, users.reads, name)
			require.Equal(t, c.reads, groups.reads, name)
			if c.failed != "" {
				for _, err := range []error{usersErr, groupsErr} {
					known, _ := fault.Of(err)
					require.NotNil(t, known, name)
					require.Equal(t, c.failed, known.Kind, name)
				}
				continue
			}
			require.NoError(t, usersErr, name)
			require.NoError(t, groupsErr, name)
			require.Equal(t, 3, fromUsers.Users, name)
			require.Equal(t, 3, fromGroups.Groups, name)
			require.Equal(t, 3, fromGroups.Memberships, name)
			require.Len(t, kept[ledger.StageUsers].chunks, 3, name)
			require.Len(t, kept[ledger.StageGroups].chunks, 3, name)
		}
	})
}
