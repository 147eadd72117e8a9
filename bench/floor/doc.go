// Package floor is what a sync costs at the least: the same job on the same tables with the same durability, written
// straight down, with nothing to orchestrate, resume, explain or hold. It is what Rollcall is measured against.
//
// The body is read in blocks and cut into rows without decoding. Each row's bytes are hashed and looked up among the
// hashes that the members were last brought in step with. Rows found are done with. The others are decoded and go, in
// batches, to the lanes: each lane is a connection with one transaction, which looks up the members of a batch, writes
// them set-based, and their audit beside them. In the end those members depart whose hash nobody showed.
//
// It trusts what it reads: columns are known beforehand, rules are the few that change what is written, and nobody is
// matched by anything but the external id.
package floor
