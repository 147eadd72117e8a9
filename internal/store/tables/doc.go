// Package tables reads and writes the rows of the members, of the audit, of chunks and of a tenant's state. It exists
// because both package store and package erasing write to these tables.
//
// The form in which an audit row stores fields and values must not change. Rows written by older releases have it.
package tables
