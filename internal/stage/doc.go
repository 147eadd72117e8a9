// Package stage stores the results of a run's steps, and reads them for later steps and for people.
//
// Each step seals one stage: numbered chunks, and a summary in JSON.
//
//	users, users_again   rows that the run read and did not know before, and the row numbers of known rows
//	groups               groups of the directory, and memberships if the source lists them by group
//	roster               accepted people, and members who are absent
//	issues               rows and fields that were refused; sealed by the roster's seal
//	plan                 no chunks: the seal of the plan's parts
//	additions, ...       one stage for each plan.Part, with its changes
//	replay               no chunks: the result of a level simulation
//
// A Writer adds chunks for one attempt of a step. The store rejects writes of older attempts, so a step may be
// retried while a lost attempt of it is still running. A step reads only sealed stages, so a partial read is never
// used.
//
// Chunks are encoded by package wire, with numbered fields. They are stored until the tenant's retention ends.
package stage
