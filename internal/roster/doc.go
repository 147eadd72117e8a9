// Package roster holds the rules that turn the rows of a directory into people and groups to rely on. It holds the
// profile's fields (the field table), normalisation, the rules for a single row, and the types that the other
// packages share: Row, User, Member, Issue.
//
// A row passes through these steps:
//
//	raw bytes ──read.Reader──▶ Row ──Rules──▶ User or issues ──check.Check──▶ users with members, absent members
//
// Package read decodes rows and chooses the columns. Package check compares all rows of a report with each other
// and with the tenant's members.
//
// The package is pure: it knows no context, clock or I/O. docs/rules.md describes the rules. The database stores
// field numbers, warning bits, codes and hashes, so they must not change.
package roster
