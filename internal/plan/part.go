package plan

// Part is a part of a plan. Each part is stored in the stage with its name.
type Part string

// The parts.
const (
	PartAdditions Part = "additions" // changes of phase Additions that need no decision
	PartNewcomers Part = "newcomers" // people who are added or return, for the guard to check, with their memberships
	PartUpdates   Part = "updates"   // updates for the guard to check: see Change.Guarded
	PartReleased  Part = "released"  // approved removals, and removals of memberships within a group's own limit
	PartRemovals  Part = "removals"  // removals of members for the guard to check, with their memberships
	PartWithheld  Part = "withheld"  // removals of memberships beyond a limit
	PartDropped   Part = "dropped"   // changes that were rejected or expired

	// PartLeft holds what an undo leaves unchanged. It isn't among Parts and is never applied.
	PartLeft Part = "left"
)

// Parts returns all parts in the order in which they are applied.
func Parts() []Part {
	return []Part{
		PartAdditions, PartNewcomers, PartUpdates, PartReleased, PartRemovals, PartWithheld, PartDropped,
	}
}

// HeldParts returns the parts that a decision can be about.
func HeldParts() []Part { return []Part{PartRemovals, PartWithheld, PartNewcomers, PartUpdates} }

// BatchSize is the maximal number of changes in a batch, which is applied in one transaction. Smaller batches cost
// the database more statements, larger ones more memory.
const BatchSize = 4000

// batchBytes is the size at which a batch is full, though it may hold more changes. Usual changes take a tenth of it.
const batchBytes = 8 << 20

// Batch is a list of changes in one part of a plan.
type Batch struct {
	Part    Part
	Number  int // from 0, within its part
	First   int // number of changes in the part's earlier batches: the audit's order
	Changes []Change
}

// part is the state of one part in a Builder.
type part struct {
	batch   *PackedBatch
	barrier bool // the next batch must wait for all before it
	byValue bool // changes are identified by what they do to whom, not by the member's version
	digest  digest
	summary PartSummary
}

func (p *part) close() PartSummary {
	p.summary.ID = p.digest.String()
	return p.summary
}
