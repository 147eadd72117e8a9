// Package index stores a tenant's index of members in a few blobs, so that a million members are read quickly.
//
// The index is a list of parts. A Builder makes a part from one batch of changes: the records of the changed members,
// sorted by id, and tombstones for members that were deleted or whose row is forgotten. If several parts have an entry
// about one member, the part with the highest number counts. A Merger makes one index of all parts. An index with many
// parts or many obsolete entries is compacted.
//
// The package is pure. An index holds only hashes, but it shows who was a member, so a member's entries must be removed
// when the member is deleted. The format has a version: what one release wrote, every later one reads.
package index
