// Package ledger defines the types that the steps of a run share with the store: the tenant's state, the stages of a
// run, claims, batches and the audit.
//
// The ledger makes sure that each change is applied exactly once. A run claims its tenant for a plan, which reserves
// audit numbers. Each batch of the plan is applied in one transaction with its audit and its mark in the ledger. A
// marked batch is never applied again. A late writer is refused with ErrSuperseded: an older attempt at a stage, or a
// plan made from an older generation of the tenant.
package ledger
