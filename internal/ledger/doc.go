// Package ledger has the nouns that the steps of a run and the store share, each once: what a run leaves behind, what a
// step keeps of what it worked out, and how a plan is claimed and applied.
//
// The ledger is what makes applying happen exactly once. A run claims its tenant for a plan, which reserves numbers of the
// audit for it. Each batch of the plan is applied in one transaction with its audit and its mark in the ledger, so a batch
// that is marked is never applied again. Who comes late is refused with ErrSuperseded: an older attempt at a stage, or a
// plan made from a generation that is no longer the tenant's.
package ledger
