package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/rollcall/rollcall/internal/roster"
)

// laneCount is the number of connections that write to PostgreSQL. SQLite has one.
const laneCount = 2

// result counts the changes of a sync.
type result struct{ users, decoded, added, updated, departed, joined int }

// database is the database with the members.
type database interface {
	// known fills an index with the members.
	known(ctx context.Context, x *index) error
	// lanes opens connections, each with a transaction.
	lanes(ctx context.Context, r *round) ([]lane, error)
	// last returns the number of the tenant's last audit row, and the digest of the last read.
	last(ctx context.Context) (seq int64, digest string, err error)
	close()
}

// lane is one connection with a transaction. It is not safe for concurrent use.
type lane interface {
	// lookup calls each with every member with one of the ids, including departed ones.
	lookup(ctx context.Context, ids []uuid.UUID, each func(*member)) error
	// groups returns the existing groups, by key.
	groups(ctx context.Context) (map[string]uuid.UUID, error)
	// write writes groups, members, memberships and audit rows.
	write(ctx context.Context, w *writes) error
	// depart marks members as departed and calls each with their previous status.
	depart(ctx context.Context, ids []uuid.UUID, each func(id uuid.UUID, status string)) error
	// finish writes the run and the tenant's state.
	finish(ctx context.Context, r *round) error
	commit(ctx context.Context) error
}

// round is the shared state of a sync.
type round struct {
	tenant string
	kind   string // of the external ids
	run    uuid.UUID
	at     int64 // microseconds
	seq    atomic.Int64
	ids    atomic.Int64 // number of ids created
	groups map[string]uuid.UUID
	digest roster.Hash // of all that was read
	mu     sync.Mutex
	result result
	fresh  map[string]uuid.UUID // new members by external id, if memberships are read later; otherwise nil
}

func (j job) sync(ctx context.Context) (result, error) {
	db, err := open(ctx, j)
	if err != nil {
		return result{}, err
	}
	defer db.close()
	run, err := uuid.NewV7()
	if err != nil {
		return result{}, err
	}
	r := &round{tenant: j.tenant, kind: "workday:Employee_ID", run: run, at: time.Now().UnixMicro()}
	if j.paged() {
		r.kind, r.fresh = "workos:idp_id", map[string]uuid.UUID{}
	}
	err = r.sync(ctx, j, db)
	return r.result, err
}

func (j job) paged() bool { return j.pages.url != "" }

// sync reads, compares and writes concurrently.
func (r *round) sync(ctx context.Context, j job, db database) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, ctx := errgroup.WithContext(ctx)
	free, blocks := make(chan *block, ahead), make(chan *block, ahead)
	for range ahead {
		free <- &block{}
	}
	work.Go(func() error {
		defer close(blocks)
		return j.read(ctx, free, blocks)
	})
	lanes, err := db.lanes(ctx, r)
	if err != nil {
		return err
	}
	last, before, err := db.last(ctx)
	if err != nil {
		return err
	}
	r.seq.Store(last)
	if err := r.readGroups(ctx, j, lanes[0]); err != nil {
		return err
	}
	var x index
	batches := make(chan *batch, 1)
	work.Go(func() error {
		defer close(batches)
		if err := db.known(ctx, &x); err != nil {
			return err
		}
		x.seal()
		return r.compare(ctx, &x, blocks, free, batches)
	})
	for _, lane := range lanes {
		work.Go(func() error {
			w := newWriter(r, lane, &x)
			if j.paged() {
				w.decode = decodeUser
			}
			for b := range batches {
				if err := w.apply(ctx, b); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	return r.finish(lanes, &x, j, before)
}

// finish marks the members that weren't seen as departed, and commits.
func (r *round) finish(lanes []lane, x *index, j job, before string) error {
	ctx := context.Background()
	if err := newWriter(r, lanes[0], x).depart(ctx); err != nil {
		return err
	}
	if j.paged() {
		if err := r.memberships(ctx, j.pages, lanes[0], before); err != nil {
			return err
		}
	}
	if err := lanes[0].finish(ctx, r); err != nil {
		return err
	}
	var errs []error
	for _, lane := range lanes {
		errs = append(errs, lane.commit(ctx))
	}
	return errors.Join(errs...)
}

// read splits the users into blocks of rows.
func (j job) read(ctx context.Context, free, blocks chan *block) error {
	next := func() *block {
		select {
		case b := <-free:
			if b.data == nil {
				b.data = make([]byte, 0, blockSize)
			}
			return b
		case <-ctx.Done():
			return nil
		}
	}
	out := func(b *block) {
		select {
		case blocks <- b:
		case <-ctx.Done():
		}
	}
	if j.paged() {
		return j.pages.users(ctx, next, out)
	}
	body, err := get(ctx, j.users, "")
	if err != nil {
		return err
	}
	defer body.Close()
	return split(body, next, out)
}

// get requests a URL, with a key unless it is "".
func get(ctx context.Context, url, key string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s: %s", url, response.Status), response.Body.Close())
	}
	return response.Body, nil
}

// compare marks the members whose rows were read, and collects all other rows in batches.
func (r *round) compare(ctx context.Context, x *index, blocks, free chan *block, batches chan *batch) error {
	b := &batch{}
	send := func() error {
		select {
		case batches <- b:
			b = &batch{}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for block := range blocks {
		for i, hash := range block.hashes {
			r.digest = r.digest.Plus(hash)
			if at := x.find(hash); at >= 0 {
				x.seen[at] = true
				continue
			}
			if b.add(block.row(i), hash); len(b.rows) == batchRows {
				if err := send(); err != nil {
					return err
				}
			}
		}
		r.result.users += len(block.rows)
		select {
		case free <- block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if len(b.rows) == 0 {
		return ctx.Err()
	}
	return send()
}
