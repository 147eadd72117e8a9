// Package plan works out what to do so that members become what their directory says.
//
// It goes in two steps. Target says what members should be: it knows the rules of a member's life (RULES.md section 4),
// kept fields and kept members. Diff says which changes lead there: it knows nothing but the two states. So Diff has
// laws that can be tested for any two states:
//
//	applying Diff(m, t) to m gives t; Diff(t, t) is empty
//
// Both work on a batch of members as well as on all of them, because what becomes of one member never depends on
// another: rules about the whole roster (duplicates, who is who) were settled before, in package roster. A Builder
// then sorts the changes of all batches into the parts of a plan, which wait as chunks to be applied or held.
//
// The package is pure: no context, no clock, no I/O. Its output is sorted, whatever the order of its input.
package plan
