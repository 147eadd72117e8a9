package intake

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/stage"
)

// docs/rules.md section 6, "Sources".
func TestTheSizeOfAReport(t *testing.T) {
	t.Parallel()
	t.Run("a report's size", func(t *testing.T) {
		t.Parallel()
		report := &paper{from: workday.Source(), page: 1}
		for i := range 20 {
			report.rows = append(report.rows, fmt.Sprintf(`{"Employee_ID":"%d","City":%q}`, i, strings.Repeat("x", 800_000)))
		}
		kept := stages{}
		read, err := readers(report, kept).Read(t.Context())
		require.NoError(t, err)
		require.Equal(t, 20, read.Staged)
		chunks := 0
		for chunk, err := range kept.Chunks(t.Context(), [16]byte{}, ledger.StageUsers, 0, -1) {
			require.NoError(t, err)
			require.Less(t, len(chunk), stage.ChunkBytes+1_000_000, "full, and one row more")
			chunks++
		}
		require.GreaterOrEqual(t, chunks, 10)
	})
	t.Run("a directory of more people than a tenant may have is refused", func(t *testing.T) {
		t.Parallel()
		u := readers(&paper{from: workday.Source(), rows: []string{"{}"}, page: 1}, stages{})
		r := usersRead{Users: u, stage: ledger.StageUsers, loading: stage.Start(func() (*KnownRows, error) {
			return LoadKnownRows(u.KnownRows(context.Background()))
		})}
		require.NoError(t, r.reset())
		r.counts.Rows = roster.MaxPeople
		known, err := r.loading.Wait()
		require.NoError(t, err)
		p := newPage(1)
		p.add([]byte("{}"))
		p.match(known)
		requireTooLarge(t, r.addPage(t.Context(), p))
	})
	t.Run("a directory of more memberships than a tenant may have is refused", func(t *testing.T) {
		t.Parallel()
		r := groupsRead{Groups: Groups{Progress: &counter{}}}
		r.summary.Memberships = roster.MaxMemberships
		requireTooLarge(t, r.addPage(t.Context(), directory.Page{Memberships: []directory.Membership{{Group: "g", User: "1"}}}))
	})
}

func readers(report *paper, kept stages) Users {
	return Users{
		Attempt:   stage.Attempt{Store: kept, Number: 1, Began: time.Unix(0, 0), Now: func() time.Time { return time.Unix(0, 0) }},
		Directory: report, ChunkRows: 4000, Progress: &counter{},
		KnownRows: func(context.Context) iter.Seq2[roster.KnownRow, error] { return seqOf[roster.KnownRow](nil, nil) },
	}
}

func requireTooLarge(t *testing.T, err error) {
	t.Helper()
	known, ok := fault.Of(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.KindTooLarge, known.Kind)
}
