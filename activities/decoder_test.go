package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
)

// shelf keeps one stage, and what was learned of people who are kept out.
type shelf struct {
	Stages
	Erasures
	stage   ledger.Stage
	chunks  [][]byte
	told    []ledger.Progress
	learned [][]erasure.Mark
}

func (s *shelf) ClaimStage(_ context.Context, _ uuid.UUID, _ string, attempt int, resume bool, _ time.Time) (ledger.Stage, error) {
	if !resume {
		s.stage, s.chunks = ledger.Stage{}, nil
	}
	s.stage.Attempt = attempt
	return s.stage, nil
}

func (s *shelf) PutChunk(_ context.Context, chunk ledger.Chunk, progress ledger.Progress) error {
	s.told = append(s.told, progress)
	if len(chunk.Data) > 0 {
		s.chunks = append(s.chunks[:chunk.Number], bytes.Clone(chunk.Data))
		s.stage.Chunks, s.stage.Cursor, s.stage.Rows = len(s.chunks), progress.Cursor, progress.Rows
	}
	return nil
}

func (s *shelf) SealStage(_ context.Context, _ uuid.UUID, _ string, _ int, summary []byte) error {
	s.stage.Sealed, s.stage.Summary = true, summary
	return nil
}

func (s *shelf) Chunks(_ context.Context, _ uuid.UUID, _ string, from, _ int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, data := range s.chunks[from:] {
			if !yield(data, nil) {
				return
			}
		}
	}
}

func (s *shelf) Learn(_ context.Context, _ string, marks []erasure.Mark) error {
	s.learned = append(s.learned, marks)
	return nil
}

// crew are members who know rows.
type crew struct {
	Members
	rows []roster.Recalled
}

func (c *crew) Recall(context.Context, string, bool) iter.Seq2[roster.Recalled, error] {
	return func(yield func(roster.Recalled, error) bool) {
		for _, row := range c.rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// paper is a directory of raw rows.
type paper struct {
	from  roster.Source
	rows  []string
	page  int
	fails []int // the pages before which the reads fail, one after the other
}

func (p *paper) Source() roster.Source { return p.from }

func (p *paper) Users(ctx context.Context, from directory.Cursor, _ int, keep func(directory.Page) error) (directory.Sealed, error) {
	next, _ := strconv.Atoi(string(from))
	for ; next < len(p.rows); next += p.page {
		if len(p.fails) > 0 && p.fails[0] <= next/p.page {
			p.fails = p.fails[1:]
			return directory.Sealed{}, fault.ConnectionLost(fault.At{Source: "paper"}, errors.New("torn"))
		}
		page := directory.Page{First: next + 1}
		for _, row := range p.rows[next:min(next+p.page, len(p.rows))] {
			page.Rows = append(page.Rows, directory.Row(row))
		}
		if p.from.ListsMembers() && next+p.page < len(p.rows) {
			page.Next = directory.Cursor(strconv.Itoa(next + p.page))
		}
		if err := keep(page); err != nil {
			return directory.Sealed{}, fmt.Errorf("keep: %w", err)
		}
		for _, row := range page.Rows {
			clear(row) // it was valid until now
		}
	}
	return directory.Seal(len(p.rows)), ctx.Err()
}

func (p *paper) Groups(context.Context, directory.Cursor, int, func(directory.Page) error) (directory.Sealed, error) {
	return directory.Sealed{}, errors.New("there are none")
}

// drawn is a report, and what is known before it is read.
type drawn struct {
	paper
	fields roster.FieldMap
	state  ledger.State
	known  []roster.Recalled
	out    []erasure.Mark
	size   int // of the sifter's pages
	full   bool
}

var markKey = bytes.Repeat([]byte{7}, erasure.KeySize)

// drawReport draws a report of up to 60 rows in which columns come late, are odd, or are too many.
func drawReport(t *rapid.T) drawn {
	d := drawn{paper: paper{from: rapid.SampledFrom([]roster.Source{workday.Source(), workos.Source()}).Draw(t, "source")}}
	d.page, d.size = rapid.IntRange(1, 7).Draw(t, "rows of the directory's pages"), rapid.IntRange(1, 5).Draw(t, "rows of the sifter's pages")
	d.full = rapid.Bool().Draw(t, "full")
	names := []string{
		"Employee_ID", "Work_Email", "City", "Email", "Manager_Email", "First_Name", "Cost_Center", "Pay", "Worker", "Groups", strings.Repeat("n", 250) + "1",
		strings.Repeat("n", 250) + "2", "idp_id", "", "Office", "Status",
	}
	if many := rapid.SampledFrom([]int{0, 0, 0, 40, 60, 80}).Draw(t, "columns besides"); many > 0 {
		d.fields = roster.FieldMap{}
		for i := range many {
			names = append(names, fmt.Sprint("column_", i))
			d.fields[names[len(names)-1]] = []roster.Field{roster.Office}
		}
	}
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "content"), 1))
	late := make([]int, len(names)) // the row from which a name is there
	for i := range late {
		late[i] = max(0, random.IntN(90)-30)
	}
	odd := rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, "odd rows in a hundred")
	wild := rapid.SampledFrom([]int{0, 0, 0, 30}).Draw(t, "names in a row that are nowhere else")
	for number := range rapid.IntRange(1, 60).Draw(t, "rows") {
		d.rows = append(d.rows, drawRow(random, number, names, late, wild))
		if random.IntN(100) < odd {
			d.rows[number] = []string{`null`, `{"City":}`, `{"City":"x"`, `{}`, `{"Work_Email":"a@b.io","City":"x"}}`, ``}[random.IntN(6)]
		}
		if random.IntN(4) == 0 && slices.Index(d.rows, d.rows[number]) == number {
			d.known = append(d.known, roster.Recalled{Member: uuid.UUID{byte(number)}, Row: roster.HashBytes([]byte(d.rows[number])), Columns: random.Uint64() & 7})
		}
	}
	if rapid.Bool().Draw(t, "an earlier dictionary") {
		dictionary := roster.Columns{Names: rapid.Permutation(names[:8]).Draw(t, "dictionary")[:4]}
		for i := range rapid.SampledFrom([]int{0, 0, 55}).Draw(t, "columns that are no more") {
			dictionary.Names = append(dictionary.Names, fmt.Sprint("former_", i))
		}
		d.state.Columns, _ = json.Marshal(dictionary)
	}
	if rapid.IntRange(0, 2).Draw(t, "somebody is kept out") == 0 {
		subject := erasure.Subject{Externals: []erasure.External{{ID: "E1"}, {ID: "E30"}}, Emails: []string{"p2@acme.io", "p31@acme.io"}}
		d.out = erasure.Marks(markKey, uuid.UUID{1}, subject)
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "failing reads") {
		d.fails = append(d.fails, rapid.IntRange(0, 60/d.page).Draw(t, "page"))
	}
	return d
}

func drawRow(random *rand.Rand, number int, names []string, late []int, wild int) string {
	var members []string
	for i, name := range names {
		if number < late[i] || random.IntN(5) == 0 {
			continue
		}
		var value string
		switch person := random.IntN(40); {
		case name == "Employee_ID" || name == "idp_id":
			value = fmt.Sprintf(`"E%d"`, number)
		case strings.HasSuffix(name, "Email"):
			value = fmt.Sprintf(`"p%d@acme.io"`, person)
		default:
			value = []string{
				`"Atlanta"`, `"a\"b"`, `""`, `null`, `true`, `-1.5e3`, `{"Descriptor":"Canada","ID":"CA"}`, `["A",{"Descriptor":"B","ID":"2"}]`,
				`{"Email":"p3@acme.io","Office":{"a":1}}`, `[]`, `[{"value":"a","primary":true},{"value":"b"}]`, "\"\xff\"", `{"City":{"Descriptor":"x"}}`,
			}[random.IntN(13)]
		}
		members = append(members, strconv.Quote(name)+":"+value)
	}
	if random.IntN(4) == 0 {
		random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	for i := range wild {
		members = append(members, fmt.Sprintf(`"wild_%d_%d":1`, number, i))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// outcome is all that can be seen of a fetch.
type outcome struct {
	shelf
	reading reading
	summary usersSummary
	failed  []string
	known   *Known
}

// fetch reads the report, again after each failing read. inTurn: each page is decoded in its turn only.
func (d drawn) fetch(t *rapid.T, inTurn bool) (o outcome) {
	for attempt := 1; attempt <= 3 && !o.stage.Sealed; attempt++ {
		a := &Activities{Stages: &o.shelf, Erasures: &o.shelf, Members: &crew{rows: d.known}, Rows: 6, Now: func() time.Time { return time.Unix(0, 0) }}
		f := &usersFetch{
			a: a, out: erasure.NewList(markKey, d.out), settings: Settings{Fields: d.fields}, state: d.state, source: &d.paper, stage: ledger.StageUsers, full: d.full,
			progress: &progress{now: a.now}, w: &writer{stages: a.Stages, stage: ledger.StageUsers, attempt: attempt, now: a.now},
		}
		f.load(t.Context())
		stage, err := f.w.claim(t.Context(), attempt > 1)
		require.NoError(t, err)
		require.NoError(t, f.start())
		if stage.Cursor != "" {
			resumed, err := f.resume(t.Context(), stage)
			require.NoError(t, err)
			require.True(t, resumed)
			f.w.number = stage.Chunks
		} else if stage.Chunks > 0 {
			_, err = f.w.claim(t.Context(), false)
			require.NoError(t, err)
		}
		f.sifter.most = d.size
		ahead := f.decoder.ahead
		if inTurn {
			ahead = func(p *page) (*page, error) { return p, nil }
		}
		o.summary, err = f.readOn(t.Context(), directory.Cursor(stage.Cursor), ahead)
		o.reading, o.known = f.reading, f.known
		o.failed = append(o.failed, fmt.Sprint(f.unload(err)))
	}
	return o
}

// plainly reads the report as simply as can be, one row after the other by one reader.
func (d drawn) plainly(t *rapid.T) (read reading, staged []roster.Row) {
	if d.state.Columns != nil {
		require.NoError(t, json.Unmarshal(d.state.Columns, &read.Columns))
	}
	reader := roster.NewReader(d.fields, &read.Columns)
	redact := erasure.NewList(markKey, d.out).Redact(d.fields, &read.Columns, d.from)
	filled := make([]int, 64)
	for i, raw := range d.rows {
		hash := roster.HashBytes([]byte(raw))
		read.Rows, read.Digest = read.Rows+1, read.Digest.Plus(hash)
		known := slices.IndexFunc(d.known, func(r roster.Recalled) bool { return r.Row == hash })
		var mask uint64
		if known >= 0 && !d.full {
			mask = d.known[known].Columns
		} else {
			row, err := reader.Read(i+1, []byte(raw))
			require.NoError(t, err)
			mask, row.Recognised = row.Mask(), known >= 0
			staged = append(staged, redact.Row(row))
		}
		for column := range filled {
			filled[column] += int(mask >> column & 1)
		}
	}
	last := len(filled)
	for last > 0 && filled[last-1] == 0 {
		last--
	}
	read.Filled, read.Staged, read.Unused = filled[:last], len(staged), reader.Unused()
	return read, staged
}

func TestPagesDecodedAheadAreAsIfDecodedInTheirTurn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inTurn, ahead := drawReport(t).twice()
		want, have := inTurn.fetch(t, true), ahead.fetch(t, false)
		require.Equal(t, want.failed, have.failed)
		require.Equal(t, want.reading, have.reading)
		require.Equal(t, want, have)
		if have.summary.Again || have.failed[len(have.failed)-1] != "<nil>" || len(have.failed) > 1 && ahead.out != nil {
			return
		}
		read, rows := ahead.plainly(t)
		require.Equal(t, rows, have.rows(t))
		last := len(have.reading.Filled) // the highest columns may be filled in no row
		for last > 0 && have.reading.Filled[last-1] == 0 {
			last--
		}
		have.reading.Filled = have.reading.Filled[:last]
		require.Equal(t, fmt.Sprint(read), fmt.Sprint(have.reading))
	})
}

// twice is the report, to be read twice.
func (d drawn) twice() (one, other drawn) {
	other = d
	other.fails = slices.Clone(d.fails)
	return d, other
}

// rows are those that were staged.
func (o *outcome) rows(t *rapid.T) (rows []roster.Row) {
	for _, data := range o.chunks {
		some, err := ReadRows(data)
		require.NoError(t, err)
		rows = append(rows, some...)
	}
	return rows
}
