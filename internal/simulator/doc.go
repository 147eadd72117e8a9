// Package simulator simulates Workday and WorkOS with an invented company per tenant, generated from a seed.
//
// A Company is a pure function: the seed, a person's number and the day determine everything. So a company of a million
// people takes no memory. From the same people the simulator serves
//
//   - Workday's Reports as a Service: a user report and a group report as JSON, with the odd shapes of real reports, and
//   - WorkOS's Directory Sync: directories, users and groups by cursor, with its rate limit and error bodies.
//     docs/workos.md lists the differences between the simulator, WorkOS's emulator and its published specification.
//
// Company.People is the expected result of a sync, generated without Rollcall's rules. The reports describe the same
// people with noise that must not matter: other spellings, case, white space and Unicode composition.
//
// Tests inject faults by Simulator.Inject or over HTTP under /control/.
package simulator
