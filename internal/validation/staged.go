package validation

import (
	"context"
	"iter"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/check"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/wire"
)

// A staged row is judged once. While the census is taken, whoever is accepted goes into the roster at once, tied to the
// member whom the index knows, or as somebody new: nearly all stay that. What the census finds is known when all rows have
// been taken in. Then those sheets of the roster of which there is something to say are gone through again, and those in
// which somebody isn't used, or is about another member, are made again and put in their place.

// sheet is a chunk of the roster with users in it, and what it was made of.
type userChunk struct {
	number      int // of the chunk
	from, to    int // chunks of staged rows
	first, last int // rows
	rows        int
	memberships int  // that its users name
	erased      bool // a row is of somebody who is kept out
}

// judged is a chunk of staged rows, judged.
type judgedChunk struct {
	rules       *roster.Rules
	batch       check.Batch
	users       []roster.User // those accepted
	seen        *stage.SeenRows
	first, last int
	rows        int
	erased      bool

	chunk wire.Buffer       // in which what the rows say stands, where they were judged as they were unpacked
	row   roster.RowBuffer  // and in which the row at hand stood
	texts roster.TextBuffer // in which what users say stands where it differs
}

// judgements are memory for judged chunks, and for what their users say.
var judgedPool reuse.Pool[judgedChunk] //nolint:gochecknoglobals // memory only

// judge judges the staged rows, chunk by chunk. What it yields is lent.
func (v *validation) judge(ctx context.Context) iter.Seq2[*judgedChunk, error] {
	if v.redact != nil || v.snapshot.known != nil {
		return stage.Ordered(ctx, stage.SourceOf(v.staged), v.judgeChunk)
	}
	s := v.users(0, -1)
	return stage.Each(ctx, s, func(data []byte) (*judgedChunk, error) {
		j := v.newJudged()
		piece := stage.EachRow(&j.row, func(row roster.Row) { v.judgeRow(j, row) })
		err := s.Decode(&j.chunk, data, &piece)
		v.judgeRows(j, &piece)
		return j, err
	})
}

// judgeChunk judges the rows of a chunk. It runs beside itself.
func (v *validation) judgeChunk(piece stage.UsersChunk) (*judgedChunk, error) {
	j := v.newJudged()
	v.judgeRows(j, &piece)
	piece.Release()
	return j, nil
}

// judgeRows judges the rows that were unpacked at once.
func (v *validation) judgeRows(j *judgedChunk, piece *stage.UsersChunk) {
	j.seen = piece.Seen
	for _, row := range piece.Rows {
		v.judgeRow(j, row)
	}
}

func (v *validation) newJudged() *judgedChunk {
	j := judgedPool.Take()
	j.texts.Empty()
	j.batch.Reset(v.check)
	*j = judgedChunk{
		rules: v.rules.Fork(&j.texts), batch: j.batch, users: j.users[:0], chunk: j.chunk, row: j.row, texts: j.texts,
	}
	return j
}

func (v *validation) judgeRow(j *judgedChunk, row roster.Row) {
	if j.rows == 0 {
		j.first, j.last = row.Number, row.Number
	}
	j.first, j.last = min(j.first, row.Number), max(j.last, row.Number)
	j.rows++
	if row.Erased() {
		j.erased = true
		return
	}
	verdict := v.judgeBy(j.rules, row)
	if j.batch.Add(&verdict); !verdict.Rejected {
		j.users = append(j.users, verdict.User)
	}
}

func (v *validation) judgeBy(rules *roster.Rules, row roster.Row) roster.Verdict {
	row.Recognised = row.Recognised && v.sameRules
	return rules.Judge(row)
}

// presume puts the users of a chunk into the roster, as they are presumed to be. The chunk isn't the caller's any more.
func (v *validation) addTentatively(ctx context.Context, piece *judgedChunk) error {
	r := v.roster
	if s := &r.chunk; s.rows == 0 {
		s.first, s.last = piece.first, piece.last
	} else if piece.rows > 0 {
		s.first, s.last = min(s.first, piece.first), max(s.last, piece.last)
	}
	r.chunk.to++
	r.chunk.rows += piece.rows
	r.chunk.memberships += memberships(piece.users)
	r.chunk.erased = r.chunk.erased || piece.erased
	if r.users == nil {
		r.users = piece.users
	} else {
		r.users = append(r.users, piece.users...)
	}
	r.judged = append(r.judged, piece)
	if r.chunk.rows < r.size {
		return nil
	}
	return r.nextChunk(ctx)
}

// memberships counts those that users name.
func memberships(users []roster.User) (count int) {
	for i := range users {
		if !users[i].Kept.Has(roster.Groups) {
			count += len(users[i].Groups)
		}
	}
	return count
}

// turn writes a sheet, and begins the next one.
func (r *rosterWriter) nextChunk(ctx context.Context) error {
	s := r.chunk
	r.chunk = userChunk{from: s.to, to: s.to}
	if s.rows == 0 {
		return nil
	}
	s.number = r.w.Next()
	r.rows += len(r.users)
	r.chunks = append(r.chunks, s)
	judged := r.judged
	err := r.put(ctx, stage.RosterChunk{Users: r.users}, func() {
		for _, j := range judged {
			j.rules, j.seen = nil, nil
			judgedPool.Put(j)
		}
	})
	r.users, r.judged = nil, nil
	return err
}

// settle says what there is to say of the staged rows, and puts right what was presumed wrongly.
func (v *validation) resolve(ctx context.Context) error {
	var rewrites []chunkRewrite
	rewriteAll := v.mustRewriteAll()
	for _, s := range v.roster.chunks {
		standing := v.findings.Standing(s.first, s.last)
		if s.erased {
			standing = max(standing, check.HasIssues)
		}
		if rewriteAll {
			standing = check.Overturned
		}
		if standing != check.Overturned {
			v.verdict.Snapshot.Memberships += s.memberships
		}
		if standing == check.Stands {
			v.Progress.Add(s.rows)
			continue
		}
		rewrites = append(rewrites, chunkRewrite{userChunk: s, whole: standing == check.Overturned})
	}
	for r, err := range stage.Ordered(ctx, stage.SourceOf(v.reread(rewrites)), v.judgeAgain) {
		if err != nil {
			return err
		}
		if err := v.rewrite(ctx, r); err != nil {
			return err
		}
		v.Progress.Add(r.rows)
	}
	return nil
}

// doubted tells whether all sheets are made again: where it matters who is in which group, or it was found out by a later
// row that an earlier one is of somebody who is kept out.
func (v *validation) mustRewriteAll() bool {
	return v.newGroupMembers != nil && v.snapshot.byRow() || len(v.redact.NewMarks()) > 0
}

// revision is a sheet that is gone through again.
type chunkRewrite struct {
	userChunk
	whole    bool // it is made again
	staged   []stage.UsersChunk
	verdicts []verdict
}

// verdict is that on one row.
type verdict struct {
	roster.Verdict
	erased bool
}

// reread reads the rows of which there is something to say.
func (v *validation) reread(rewrites []chunkRewrite) func(context.Context) iter.Seq2[chunkRewrite, error] {
	return func(ctx context.Context) iter.Seq2[chunkRewrite, error] {
		return func(yield func(chunkRewrite, error) bool) {
			for _, r := range rewrites {
				for piece, err := range v.stagedIn(ctx, r.from, r.to) {
					if err != nil {
						yield(r, err)
						return
					}
					r.staged = append(r.staged, piece)
				}
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// judgeAgain judges the rows of which there is something to say; all of them, where the sheet is made again.
func (v *validation) judgeAgain(r chunkRewrite) (chunkRewrite, error) {
	rules := v.rules.Fork(new(roster.TextBuffer))
	for _, piece := range r.staged {
		for _, row := range piece.Rows {
			switch {
			case row.Erased():
				r.verdicts = append(r.verdicts, verdict{roster.Verdict{User: roster.User{Row: row.Number}}, true})
			case r.whole || v.findings.Standing(row.Number, row.Number) != check.Stands:
				r.verdicts = append(r.verdicts, verdict{Verdict: v.judgeBy(rules, row)})
			}
		}
		piece.Release()
	}
	r.staged = nil
	return r, nil
}

// revise lists what there is to say of a sheet's rows, and puts it again where it is made anew.
func (v *validation) rewrite(ctx context.Context, r chunkRewrite) error {
	users := make([]roster.User, 0, len(r.verdicts))
	for i := range r.verdicts {
		on := &r.verdicts[i]
		if on.erased {
			if err := v.addErased(ctx, on.User.Row); err != nil {
				return err
			}
			continue
		}
		issues, used := on.Issues, false
		if on.Rejected {
			_, more := v.findings.Rejected(on.User)
			issues = append(issues, more...)
		} else {
			user, more, ok := v.findings.Identify(on.User)
			on.User, issues, used = user, append(issues, more...), ok
		}
		v.count(issues)
		if err := v.issues.add(ctx, issues...); err != nil {
			return err
		}
		if used {
			users = append(users, on.User)
		}
	}
	if !r.whole {
		return nil
	}
	v.verdict.Snapshot.Memberships += memberships(users)
	for i := range users {
		for _, key := range users[i].Groups {
			v.addToNewGroup(key, users[i].Member)
		}
	}
	return v.roster.w.PutAt(ctx, r.number, &stage.RosterChunk{Users: users}, ledger.Progress{Rows: v.roster.rows}, nil)
}
