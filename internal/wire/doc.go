// Package wire is the form of what is kept: rows on their way through a run, plans, issues. What one release wrote, every
// later one reads.
//
// A kept value begins with a version byte. Then come the coding (records or JSON), a hash that tells damage, and the
// content as an S2 block:
//
//	version │ coding │ xxh3, 8 bytes │ S2 block
//
// What comes in great numbers is written as records, since JSON would be most of a sync's work. A record is a list of
// fields, each a tag and a value, closed by a zero byte:
//
//	record = { tag value } 0
//	tag    = number << 2 | type      varint; the number is a literal in the code and is never used again for another field
//	type   = varint │ bytes │ fixed, of 16 bytes │ record
//
// So a reader skips a field that it doesn't know, and a field that isn't there has its zero value, or that of the record
// before where a list says so. A new field is a new number. What can't be said that way needs a new version: a reader
// answers an unknown version with a *VersionError.
//
// What is small or rare is JSON, whose names serve as tags.
//
// What each release kept lies in internal/acceptance/testdata/released, and tests read it. It is never edited.
package wire
