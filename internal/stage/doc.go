// Package stage writes and reads what the steps of a run leave in the store for each other.
//
// Each step seals one stage: numbered chunks, and a summary in JSON.
//
//	users, users_again   rows that the run read and did not know before, and where the known rows were
//	groups               groups of the directory, and memberships where the source lists them there
//	roster               accepted people, and members who are absent
//	issues               rows and fields that were refused; sealed by the roster's seal
//	plan                 no chunks: the seal of the plan's parts
//	additions, ...       one stage for each plan.Part, with its changes
//	replay               no chunks: the result of a level simulation
//
// A Writer adds chunks on behalf of one attempt of a step. The store fences older attempts off, so that a step may be
// retried while a lost attempt of it is still running. A step reads only sealed stages: nothing is made from half a read.
//
// Chunks are encoded by package wire, with numbered fields. They stay until the tenant's retention ends.
package stage
