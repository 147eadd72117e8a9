// Package planning works out plans and stages them: a Difference makes the members what the roster says, and a Reversal
// takes a run back. Decisions are what people decided about removals that a plan may contain.
//
// Rules about single changes are package plan's. Here is only what reads the store and writes stages, piece by piece, so that
// memory does not grow with the tenant.
package planning
