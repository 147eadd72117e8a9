package validation

import (
	"context"
	"iter"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/check"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/wire"
)

// userChunk is a chunk of the roster's users, and the staged rows that it was made of.
type userChunk struct {
	number      int // of the chunk in the roster
	from, to    int // chunks of staged rows: from included, to not
	first, last int // numbers of the first and the last row
	rows        int
	bytes       int  // size of the rows
	memberships int  // named by its users
	refused     bool // a row is an erased person's, or can't be read
}

// judgedChunk is a chunk of staged rows with their verdicts.
type judgedChunk struct {
	rules       *roster.Rules
	batch       check.Batch
	users       []roster.User // accepted
	seen        *stage.SeenRows
	first, last int
	rows        int
	bytes       int  // size of the rows
	refused     bool // as in userChunk
	unreadable  bool // a row can't be read

	chunk wire.Buffer       // texts of the rows, if they were judged while they were decoded
	row   read.RowBuffer    // the row that is being decoded
	texts roster.TextBuffer // texts of users that differ from those of their rows
}

// judgedPool pools judged chunks, together with the texts of their users.
var judgedPool reuse.Pool[judgedChunk] //nolint:gochecknoglobals // memory only

// judge judges the staged rows, chunk by chunk. The chunks that it yields come from judgedPool.
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

// judgeChunk judges the rows of a chunk. It runs concurrently.
func (v *validation) judgeChunk(piece stage.UsersChunk) (*judgedChunk, error) {
	j := v.newJudged()
	v.judgeRows(j, &piece)
	piece.Release()
	return j, nil
}

// judgeRows judges the rows of a chunk that weren't judged while they were decoded.
func (v *validation) judgeRows(j *judgedChunk, piece *stage.UsersChunk) {
	j.seen = piece.Seen
	for _, row := range piece.Rows {
		v.judgeRow(j, row)
	}
}

func (v *validation) newJudged() *judgedChunk {
	j := judgedPool.Take()
	j.texts.Reset()
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
	j.bytes += row.Size()
	if row.Erased() || row.Unreadable() {
		j.refused, j.unreadable = true, j.unreadable || row.Unreadable()
		return
	}
	verdict := v.judgeBy(j.rules, row)
	if j.batch.Add(&verdict) {
		j.users = append(j.users, verdict.User)
	}
}

func (v *validation) judgeBy(rules *roster.Rules, row roster.Row) roster.Verdict {
	row.Recognised = row.Recognised && v.sameRules
	return rules.Judge(row)
}

// addTentatively adds the users of a chunk to the roster, as if no other row conflicted with theirs. It takes over the
// chunk.
func (v *validation) addTentatively(ctx context.Context, piece *judgedChunk) error {
	r := v.roster
	if s := &r.chunk; s.rows == 0 {
		s.first, s.last = piece.first, piece.last
	} else if piece.rows > 0 {
		s.first, s.last = min(s.first, piece.first), max(s.last, piece.last)
	}
	r.chunk.to++
	r.chunk.rows += piece.rows
	r.chunk.bytes += piece.bytes
	r.chunk.memberships += memberships(piece.users)
	r.chunk.refused = r.chunk.refused || piece.refused
	v.unreadable = v.unreadable || piece.unreadable
	if r.users == nil {
		r.users = piece.users
	} else {
		r.users = append(r.users, piece.users...)
	}
	r.judged = append(r.judged, piece)
	if r.chunk.rows < r.size && r.chunk.bytes < stage.ChunkBytes {
		return nil
	}
	return r.nextChunk(ctx)
}

// memberships counts the memberships that users name.
func memberships(users []roster.User) (count int) {
	for i := range users {
		if !users[i].Kept.Has(roster.Groups) {
			count += len(users[i].Groups)
		}
	}
	return count
}

// nextChunk writes the chunk that is being filled, and begins the next one.
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

// resolve lists the issues of the staged rows, and rewrites the chunks of the roster that turned out wrong.
func (v *validation) resolve(ctx context.Context) error {
	var rewrites []chunkRewrite
	rewriteAll := v.mustRewriteAll()
	for _, s := range v.roster.chunks {
		standing := v.findings.WorstResult(s.first, s.last)
		if s.refused {
			standing = max(standing, check.RowHasIssues)
		}
		if rewriteAll {
			standing = check.RowOverturned
		}
		if standing != check.RowOverturned {
			v.verdict.Snapshot.Memberships += s.memberships
		}
		if standing == check.RowUnchanged {
			v.Progress.Add(s.rows)
			continue
		}
		rewrites = append(rewrites, chunkRewrite{userChunk: s, whole: standing == check.RowOverturned})
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

// mustRewriteAll reports whether all chunks are rewritten. That is so if the members of new groups are needed, or if a
// later row has shown that an earlier one is an erased person's.
func (v *validation) mustRewriteAll() bool {
	return v.newGroupMembers != nil && v.snapshot.byRow() || len(v.redact.NewMarks()) > 0
}

// chunkRewrite is a chunk of the roster whose rows are judged again.
type chunkRewrite struct {
	userChunk
	whole    bool // the chunk is written again
	staged   []stage.UsersChunk
	verdicts []judged
}

// verdict is the verdict on one row.
type judged struct {
	roster.Verdict
	refused roster.Code // why the row wasn't judged; "": it was
}

// reread yields the chunks with their staged rows.
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

// judgeAgain judges the rows with issues, or all rows if the chunk is written again.
func (v *validation) judgeAgain(r chunkRewrite) (chunkRewrite, error) {
	rules := v.rules.Fork(new(roster.TextBuffer))
	for _, piece := range r.staged {
		for _, row := range piece.Rows {
			switch {
			case row.Erased():
				r.refuse(row, roster.CodeErased)
			case row.Unreadable():
				r.refuse(row, roster.CodeRowUnreadable)
			case r.whole || v.findings.WorstResult(row.Number, row.Number) != check.RowUnchanged:
				r.verdicts = append(r.verdicts, judged{Verdict: v.judgeBy(rules, row)})
			}
		}
		piece.Release()
	}
	r.staged = nil
	return r, nil
}

func (r *chunkRewrite) refuse(row roster.Row, why roster.Code) {
	r.verdicts = append(r.verdicts, judged{roster.Verdict{User: roster.User{Row: row.Number}}, why})
}

// rewrite lists the issues of a chunk's rows, and writes the chunk again if it is whole.
func (v *validation) rewrite(ctx context.Context, r chunkRewrite) error {
	users := make([]roster.User, 0, len(r.verdicts))
	for i := range r.verdicts {
		on := &r.verdicts[i]
		if on.Departed {
			continue
		}
		if on.refused != "" {
			if err := v.addRefused(ctx, on.User.Row, on.refused); err != nil {
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
			notAdded := on.MembersOnly && v.findings.NotAdded(on.User.Row)
			if notAdded {
				issues = roster.RejectUnclear(issues)
			}
			on.User, issues, used = user, append(issues, more...), ok
			if notAdded && on.NotStarted && !rejects(issues) {
				v.verdict.Rows.NotStarted++
				issues = nil
			}
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
