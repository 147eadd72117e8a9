// Package planning makes plans and stages them. A Difference is the plan that makes the members equal to the roster. A
// Reversal is the plan that undoes a run. Decisions are what people decided about the removals of earlier plans.
//
// Package plan has the rules for single changes. This package reads the store and writes stages, chunk by chunk, so
// that its memory doesn't grow with the tenant.
package planning
