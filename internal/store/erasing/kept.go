package erasing

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// EraseValues clears a person's emails where audit rows name them as a manager. It looks at up to limit audit rows
// after a number. It returns the number of the last row that it looked at, or 0 if there are no more. It may be
// repeated.
func (s *Erasures) EraseValues(
	ctx context.Context, tenant string, who erasure.Subject, after int64, limit int,
) (next int64, err error) {
	var to sql.NullInt64
	err = s.db.Read.QueryRowContext(ctx, `SELECT max(seq) FROM (SELECT seq FROM changes WHERE tenant = $1 AND seq > $2
		ORDER BY seq LIMIT $3) AS block`, tenant, after, limit).Scan(&to)
	if err != nil {
		return 0, fmt.Errorf("erase values: %w", err)
	}
	if !to.Valid || len(who.Emails) == 0 {
		return 0, nil
	}
	args := []any{tenant, after, to.Int64}
	var conditions []string
	for _, email := range who.Emails {
		pattern, err := tables.Containing(email)
		if err != nil {
			return 0, err
		}
		args = append(args, pattern)
		conditions = append(conditions, fmt.Sprintf("vals LIKE $%d ESCAPE '!'", len(args)))
	}
	type line struct {
		seq          int64
		fields, vals string
	}
	rows, err := database.Collect(database.Stream(ctx, s.db.Read, database.Query{
		What: "values to erase", Args: args, Text: `SELECT seq, fields, vals FROM changes WHERE tenant = $1 AND seq > $2
			AND seq <= $3
			AND (` + strings.Join(conditions, " OR ") + `)`,
	}, func(rows *sql.Rows) (l line, err error) { return l, rows.Scan(&l.seq, &l.fields, &l.vals) }))
	if err != nil {
		return 0, err
	}
	err = s.db.Transact(ctx, "erase values", func(tx *database.Tx) error {
		for _, l := range rows {
			text, differs, err := withoutManager(l.fields, l.vals, who.Emails)
			if err != nil {
				return err
			}
			if !differs {
				continue
			}
			// A row whose values were cleared in the meantime stays cleared.
			if _, err := tx.ExecContext(ctx, `UPDATE changes SET vals = $3 WHERE tenant = $1 AND seq = $2
				AND vals IS NOT NULL`,
				tenant, l.seq, text); err != nil {
				return err
			}
		}
		return nil
	})
	return to.Int64, err
}

// withoutManager returns an audit row's values without the manager's email if that is one of emails.
func withoutManager(fields, values string, emails []string) (text string, differs bool, err error) {
	var kept []jsontext.Value // each is a pair, or a single value if the member was added
	if err := json.Unmarshal([]byte(values), &kept); err != nil {
		return "", false, fmt.Errorf("values of an audit row: %w", err)
	}
	names, err := tables.FieldNames(fields)
	if err != nil {
		return "", false, err
	}
	at := slices.Index(names, roster.ManagerEmail.String())
	if at < 0 || at >= len(kept) {
		return values, false, nil
	}
	value := string(kept[at])
	for _, email := range emails {
		quoted, err := json.Marshal(email)
		if err != nil {
			return "", false, err
		}
		value = strings.ReplaceAll(value, string(quoted), "null")
	}
	if value == string(kept[at]) {
		return values, false, nil
	}
	kept[at] = jsontext.Value(value)
	changed, err := json.Marshal(kept)
	return string(changed), true, err
}

// ChunksAfter yields all chunks of a tenant after a key, by run, stage and number. It reads a few at a time, so the
// caller may replace chunks in the loop.
func (s *Erasures) ChunksAfter(
	ctx context.Context, tenant string, after ledger.ChunkKey,
) iter.Seq2[ledger.Chunk, error] {
	return func(yield func(ledger.Chunk, error) bool) {
		runs, err := database.Collect(database.Stream(ctx, s.db.Read, database.Query{
			What: "runs with chunks", Args: []any{tenant, after.Run[:]},
			Text: `SELECT id FROM runs WHERE tenant = $1 AND id >= $2 AND dropped_at = 0 ORDER BY id`,
		}, database.ScanID))
		if err != nil {
			yield(ledger.Chunk{}, err)
			return
		}
		for _, run := range runs {
			if run != after.Run {
				after = ledger.ChunkKey{Run: run, Number: -1}
			}
			for {
				some, err := s.readChunks(ctx, after)
				if err != nil {
					yield(ledger.Chunk{}, err)
					return
				}
				if len(some) == 0 {
					break
				}
				for _, c := range some {
					after = c.Key()
					if !yield(c, nil) {
						return
					}
				}
			}
		}
	}
}

// chunksAtOnce limits the memory that ChunksAfter needs.
const chunksAtOnce = 8

func (s *Erasures) readChunks(ctx context.Context, after ledger.ChunkKey) (chunks []ledger.Chunk, err error) {
	for piece, err := range database.Stream(ctx, s.db.Read, database.Query{
		What: "chunks", Args: []any{after.Run[:], after.Stage, after.Number, chunksAtOnce},
		Text: `SELECT stage, number, attempt, data FROM chunks WHERE run = $1 AND (stage, number) IN (
			SELECT stage, number FROM chunks WHERE run = $1 AND piece = 0 AND (stage, number) > ($2, $3)
			ORDER BY stage, number LIMIT $4) ORDER BY stage, number, piece`,
	}, func(rows *sql.Rows) (ledger.Chunk, error) {
		c := ledger.Chunk{Run: after.Run}
		return c, rows.Scan(&c.Stage, &c.Number, &c.Attempt, &c.Data)
	}) {
		if err != nil {
			return nil, err
		}
		if last := len(chunks) - 1; last >= 0 && chunks[last].Key() == piece.Key() {
			chunks[last].Data = append(chunks[last].Data, piece.Data...)
			continue
		}
		chunks = append(chunks, piece)
	}
	return chunks, nil
}

// ReplaceChunk replaces the data of a chunk, or deletes the chunk if data is empty. It returns false, and changes
// nothing, if the stored data aren't those of c.
func (s *Erasures) ReplaceChunk(ctx context.Context, c ledger.Chunk, data []byte) (replaced bool, err error) {
	err = s.db.Transact(ctx, "replace chunk of "+c.Stage, func(tx *database.Tx) error {
		stored, err := tables.LockChunk(ctx, tx, c.Key())
		if replaced = err == nil && stored != nil && bytes.Equal(stored, c.Data); !replaced {
			return err
		}
		if err := tables.DeleteChunk(ctx, tx, c.Key()); err != nil {
			return err
		}
		c.Data = data
		return tables.InsertChunk(ctx, tx, c)
	})
	return replaced && err == nil, err
}
