// Package erasing stores erasures, and removes people's data from the database.
//
// An erasure takes several steps, each of which may be repeated. KeepOut stores hashes that keep the person out of what
// is read from then on. Erase deletes the person's members and fences the runs that may know the person. EraseValues,
// ChunksAfter and ReplaceChunk clear the audit and the stored chunks. FinishErasure deletes the subject itself.
package erasing
