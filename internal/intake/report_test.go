package intake

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
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// stages keeps stages in memory.
type stages map[string]*kept

type kept struct {
	ledger.Stage
	chunks   [][]byte
	progress []ledger.Progress
}

func (s stages) ClaimStage(
	_ context.Context, _ uuid.UUID, name string, attempt int, resume bool, _ time.Time,
) (ledger.Stage, error) {
	of := s[name]
	if of == nil || !resume && !of.Sealed {
		of = &kept{}
		s[name] = of
	}
	of.Name, of.Attempt = name, attempt
	return of.Stage, nil
}

func (s stages) PutChunk(_ context.Context, chunk ledger.Chunk, progress ledger.Progress) error {
	of := s[chunk.Stage]
	of.progress = append(of.progress, progress)
	if len(chunk.Data) > 0 {
		of.chunks = append(of.chunks[:chunk.Number], bytes.Clone(chunk.Data))
		of.Chunks, of.Cursor, of.Rows = len(of.chunks), progress.Cursor, progress.Rows
	}
	return nil
}

func (s stages) SealStage(_ context.Context, _ uuid.UUID, name string, _ int, summary []byte) error {
	s[name].Sealed, s[name].Summary = true, summary
	return nil
}

func (s stages) Stage(_ context.Context, _ uuid.UUID, name string) (ledger.Stage, error) {
	if of := s[name]; of != nil {
		return of.Stage, nil
	}
	return ledger.Stage{}, ledger.ErrNotFound
}

func (s stages) Chunks(_ context.Context, _ uuid.UUID, name string, from, to int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		chunks := s[name].chunks
		if to < 0 {
			to = len(chunks)
		}
		for _, data := range chunks[from:to] {
			if !yield(data, nil) {
				return
			}
		}
	}
}

// counter is a Progress.
type counter struct{ rows int }

func (c *counter) Add(n int) { c.rows += n }

func (c *counter) Last() time.Time { return time.Unix(9, 0) }

// paper is a directory of raw rows.
type paper struct {
	from  roster.Source
	rows  []string
	page  int
	fails []int // the pages before which the reads fail, one after the other
}

func (p *paper) Source() roster.Source { return p.from }

func (p *paper) Users(
	ctx context.Context, from directory.Cursor, _ int, keep func(directory.Page) error,
) (directory.Sealed, error) {
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
	known  []roster.KnownRow
	erased []erasure.Mark
	full   bool
}

var markKey = bytes.Repeat([]byte{7}, erasure.KeySize)

// drawReport draws a report of up to 60 rows in which columns come late, are odd, or are too many.
func drawReport(t *rapid.T) drawn {
	d := drawn{
		paper: paper{from: rapid.SampledFrom([]roster.Source{workday.Source(), workos.Source()}).Draw(t, "source")},
	}
	d.page = rapid.IntRange(1, 7).Draw(t, "rows of a page")
	d.full = rapid.Bool().Draw(t, "full")
	names := []string{
		"Employee_ID", "Work_Email", "City", "Email", "Manager_Email", "First_Name", "Cost_Center", "Pay", "Worker", "Groups",
		strings.Repeat("n", 250) + "1", strings.Repeat("n", 250) + "2", "idp_id", "", "Office", "Status",
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
			d.known = append(d.known, roster.KnownRow{
				Member: uuid.UUID{
					byte(number),
				}, Row: roster.HashBytes([]byte(d.rows[number])), Columns: random.Uint64() & 7,
			})
		}
	}
	if rapid.Bool().Draw(t, "an earlier dictionary") {
		dictionary := read.Columns{Names: rapid.Permutation(names[:8]).Draw(t, "dictionary")[:4]}
		for i := range rapid.SampledFrom([]int{0, 0, 55}).Draw(t, "columns that are no more") {
			dictionary.Names = append(dictionary.Names, fmt.Sprint("former_", i))
		}
		d.state.Columns, _ = json.Marshal(dictionary)
	}
	if rapid.IntRange(0, 2).Draw(t, "somebody is erased") == 0 {
		subject := erasure.Subject{
			Externals: []erasure.External{{ID: "E1"}, {ID: "E30"}}, Emails: []string{"p2@acme.io", "p31@acme.io"},
		}
		d.erased = erasure.Marks(markKey, uuid.UUID{1}, subject)
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
				`"Atlanta"`, `"a\"b"`, `""`, `null`, `true`, `-1.5e3`, `{"Descriptor":"Canada","ID":"CA"}`,
				`["A",{"Descriptor":"B","ID":"2"}]`, `{"Email":"p3@acme.io","Office":{"a":1}}`, `[]`,
				`[{"value":"a","primary":true},{"value":"b"}]`, "\"\xff\"", `{"City":{"Descriptor":"x"}}`,
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
