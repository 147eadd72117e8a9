// Package simulator is a Workday and a WorkOS to run against: one invented company per tenant, from a seed.
//
// A Company is a pure function: who stands in it on a day follows from seed, number and day, so that a company of a
// million takes no memory. From the same people the simulator serves
//
//   - Workday's Reports-as-a-Service: a users and a groups report as JSON, with the odd shapes that real ones have, and
//   - WorkOS's Directory Sync: directories, users and groups by cursor, with its rate limit and error bodies
//     (docs/workos.md says where simulator, WorkOS's own emulator and its published document differ).
//
// People, who moves, leaves and comes back, is the truth to compare members with: what Rollcall should keep, written
// down without any of Rollcall's rules. What the reports say of the same people is noisier: other spellings, case,
// white space and composition, all of which mean the same.
//
// Faults are injected on demand, by method in tests or over HTTP under /control/.
package simulator
