package plan

// Part is a part of a plan: each waits in a stage of its name.
type Part string

// The parts.
const (
	PartAdditions Part = "additions" // changes of phase Additions
	PartReleased  Part = "released"  // removals that wait for nobody: approved ones, and of memberships within a group's own limit
	PartRemovals  Part = "removals"  // removals of members that the guard has yet to weigh, with their memberships
	PartWithheld  Part = "withheld"  // removals of memberships beyond their group's own limit
	PartDropped   Part = "dropped"   // removals that were rejected, or that nobody decided about in time

	PartLeft Part = "left" // of an undo: what it leaves alone. No part of the plan: nothing of it is applied
)

// Parts are all of them, in the order in which they would be applied.
func Parts() []Part {
	return []Part{PartAdditions, PartReleased, PartRemovals, PartWithheld, PartDropped}
}

// ChunkSize is the most changes that a chunk holds: a chunk is a batch, applied in one transaction. Fewer cost the database
// more statements, more hold more memory for each batch that is applied at once.
const BatchSize = 4000

// Chunk is a batch of one part.
type Batch struct {
	Part    Part
	Number  int // from 0, within its part
	First   int // how many changes are in the part's chunks before it: its place in the audit's order
	Changes []Change
}

// part is one part so far.
type part struct {
	batch   *PackedBatch
	barrier bool // a wave begins with the next chunk
	digest  digest
	summary PartSummary
}

func (p *part) close() PartSummary {
	p.summary.ID = p.digest.String()
	return p.summary
}
