// Package wire is the storage format of rows, plans and issues. What one release wrote, every later release reads.
//
// A stored value begins with a version byte. The coding (records or JSON), a checksum and the content as an S2
// block follow:
//
//	version │ coding │ xxh3, 8 bytes │ S2 block
//
// Large data are written as records, because JSON would take most of a sync's time. A record is a list of fields,
// each a tag and a value, and ends with a zero byte:
//
//	record = { tag value } 0
//	tag    = number << 2 | type      varint; the number is a literal and never reused
//	type   = varint │ bytes │ fixed, of 16 bytes │ record
//
// A reader skips a field that it doesn't know. An absent field has its zero value, or in some lists the value of
// the record before. A new field gets a new number. Any other change needs a new version, which an older release
// answers with a *VersionError.
//
// A list is a record that begins with the number of its items.
//
// Small or rare data are JSON, with names as tags.
//
// The folder internal/acceptance/testdata/released holds stored bytes of each release. Tests read them. Never edit
// them.
package wire
