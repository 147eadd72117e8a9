// Package plan works out the changes that make a tenant's members match their directory.
//
// It takes two steps. Target says what members should be: it knows the rules of a member's life (docs/rules.md), kept
// fields and kept members. Diff returns the changes that lead there: it knows only the two states, so its laws can be
// tested for any two of them:
//
//	applying Diff(m, t) to m gives t; Diff(t, t) is empty
//
// Both work on a batch of members as well as on all, because the result for one member never depends on another:
// package roster/check has applied the rules about the whole roster before. A Builder then sorts the changes of all
// batches into the parts of a plan, which are stored until they are applied or decided about. A Reverser plans the undo
// of a run.
//
// The package is pure: it knows no context, clock or I/O. Its output is sorted, whatever the order of its input. Stored
// plans hold the numbers of verbs, reasons and fields, so they must not change.
package plan
