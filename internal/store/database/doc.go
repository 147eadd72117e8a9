// Package database holds what all databases share: transactions, queries that stream, and the Dialect, which is all
// that differs between them.
//
// A DB has connections that write and connections that read. Transact runs a function in a transaction. Stream and
// StreamBinary read rows one by one. An error of the database itself is a *ledger.UnavailableError: trying again may
// help.
package database
