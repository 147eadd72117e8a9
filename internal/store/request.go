package store

import (
	"context"
	"time"

	"github.com/rollcall/rollcall/internal/store/database"
)

// Request is an operator's request. It holds personal data, so it stays in the store and Temporal only sees its id.
type Request struct {
	ID     string
	Tenant string
	Verb   string
	By     string
	Reason string
	At     time.Time

	Payload []byte // the settings that a preview tries; nil: none
}

// PutRequest stores a request. If its id exists already, the stored request stays unchanged.
func (s *Store) PutRequest(ctx context.Context, r Request) error {
	return s.db.Transact(ctx, "put request", func(tx *database.Tx) error { return putRequest(ctx, tx, r) })
}

func putRequest(ctx context.Context, tx *database.Tx, r Request) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO requests (id, tenant, verb, by, reason, at, payload)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
		r.ID, r.Tenant, r.Verb, r.By, r.Reason, database.Micros(r.At), r.Payload)
	return err
}

// Request returns the request with that id, or ledger.ErrNotFound.
func (s *Store) Request(ctx context.Context, id string) (Request, error) {
	r := Request{ID: id}
	var at int64
	err := s.db.Read.QueryRowContext(ctx, `SELECT tenant, verb, by, reason, at, payload FROM requests
		WHERE id = $1`, id).
		Scan(&r.Tenant, &r.Verb, &r.By, &r.Reason, &at, &r.Payload)
	r.At = database.FromMicros(at)
	return r, database.WrapNotFound(err, "request")
}
