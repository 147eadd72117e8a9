package floor

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

// Job is one sync.
type Job struct {
	Users, Groups string // the reports' URLs; Groups "": none is read
	Pages         *Pages // read instead of the reports
	Database      string // postgres://... or sqlite:///path, with Rollcall's tables in it
	Tenant        string
	Lanes         int // connections that write at once; SQLite has one
}

// Result counts what a sync did.
type Result struct {
	Users    int `json:"users"`
	Decoded  int `json:"decoded"`
	Added    int `json:"added"`
	Updated  int `json:"updated"`
	Departed int `json:"departed"`
	Joined   int `json:"memberships"` // memberships added
}

// database is where the members are.
type database interface {
	// known fills an index with the members.
	known(ctx context.Context, x *index) error
	// lanes opens connections, each with a transaction.
	lanes(ctx context.Context, r *round, count int) ([]lane, error)
	// last is the number of the tenant's last audit row, and the digest that it was left at.
	last(ctx context.Context) (seq int64, digest string, err error)
	close()
}

// lane is one connection with a transaction. It is for one goroutine.
type lane interface {
	// lookup calls each with every member, departed or not, that has one of the ids.
	lookup(ctx context.Context, ids []uuid.UUID, each func(*member)) error
	// groups are those that are there, by key.
	groups(ctx context.Context) (map[string]uuid.UUID, error)
	// write writes groups, members, memberships and audit rows.
	write(ctx context.Context, w *writes) error
	// depart lets members depart and calls each with what they were.
	depart(ctx context.Context, ids []uuid.UUID, each func(id uuid.UUID, status string)) error
	// finish writes the run and what the tenant is left at.
	finish(ctx context.Context, r *round) error
	commit(ctx context.Context) error
}

// round is what is the same for all of a sync.
type round struct {
	tenant string
	kind   string // of the external ids
	run    uuid.UUID
	at     int64 // microseconds
	seq    atomic.Int64
	people atomic.Int64 // ids given away
	groups map[string]uuid.UUID
	digest roster.Hash // of all that was read
	mu     sync.Mutex
	result Result
	fresh  map[string]uuid.UUID // new members by external id, where memberships are read later; nil: not kept
}

// Run does a job.
func Run(ctx context.Context, job Job) (Result, error) {
	db, err := open(ctx, job)
	if err != nil {
		return Result{}, err
	}
	defer db.close()
	run, err := uuid.NewV7()
	if err != nil {
		return Result{}, err
	}
	r := &round{tenant: job.Tenant, kind: "workday:Employee_ID", run: run, at: time.Now().UnixMicro()}
	if job.Pages != nil {
		r.kind, r.fresh = "workos:idp_id", map[string]uuid.UUID{}
	}
	if err := r.sync(ctx, job, db); err != nil {
		return Result{}, fmt.Errorf("floor: %w", err)
	}
	return r.result, nil
}

// sync reads, compares and writes, all three at once.
func (r *round) sync(ctx context.Context, job Job, db database) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, ctx := errgroup.WithContext(ctx)
	free, blocks := make(chan *block, ahead), make(chan *block, ahead)
	for range ahead {
		free <- &block{}
	}
	work.Go(func() error {
		defer close(blocks)
		return job.read(ctx, free, blocks)
	})
	lanes, err := db.lanes(ctx, r, job.Lanes)
	if err != nil {
		return err
	}
	last, was, err := db.last(ctx)
	if err != nil {
		return err
	}
	r.seq.Store(last)
	if err := r.readGroups(ctx, job, lanes[0]); err != nil {
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
			if job.Pages != nil {
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
	return r.settle(lanes, &x, job.Pages, was)
}

// settle lets depart who wasn't seen, and commits.
func (r *round) settle(lanes []lane, x *index, pages *Pages, was string) error {
	ctx := context.Background()
	if err := newWriter(r, lanes[0], x).depart(ctx); err != nil {
		return err
	}
	if pages != nil {
		if err := r.memberships(ctx, pages, lanes[0], was); err != nil {
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

// read cuts the users into blocks of rows.
func (j Job) read(ctx context.Context, free, blocks chan *block) error {
	take := func() *block {
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
	give := func(b *block) {
		select {
		case blocks <- b:
		case <-ctx.Done():
		}
	}
	if j.Pages != nil {
		return j.Pages.users(ctx, take, give)
	}
	body, err := get(ctx, j.Users)
	if err != nil {
		return err
	}
	defer body.Close()
	return split(body, take, give)
}

func get(ctx context.Context, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(errors.New(response.Status), response.Body.Close())
	}
	return response.Body, nil
}

// Discard reads a report and throws it away: what reading alone costs.
func Discard(ctx context.Context, url string) error {
	body, err := get(ctx, url)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, body, make([]byte, blockSize))
	return errors.Join(err, body.Close())
}

// compare marks the members whose rows are shown, and makes batches of all other rows.
func (r *round) compare(ctx context.Context, x *index, blocks, free chan *block, batches chan *batch) error {
	b := newBatch()
	for block := range blocks {
		for i, hash := range block.hashes {
			r.digest = r.digest.Plus(hash)
			if at := x.find(hash); at >= 0 {
				x.seen[at] = true
				continue
			}
			if b.add(block.row(i), hash); b.full() {
				if err := send(ctx, batches, b); err != nil {
					return err
				}
				b = newBatch()
			}
		}
		r.result.Users += len(block.rows)
		select {
		case free <- block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if len(b.rows) == 0 {
		return ctx.Err()
	}
	return send(ctx, batches, b)
}

func send(ctx context.Context, batches chan<- *batch, b *batch) error {
	select {
	case batches <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
