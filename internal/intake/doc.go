// Package intake reads a tenant's directory into stages: users, compared with the known rows, and groups.
//
// A row is known if its bytes were accepted before: its member already matches it. Only the number of a known row
// is stored. Any other row is decoded and stored.
//
//	known rows ──────────────────────────┐
//	directory ──pages──▶ hash, look up, decode (several at once) ──▶ add, in order ──▶ stage
//
// The known rows are loaded first, into one map. Several goroutines hash, look up and decode pages of raw rows; one
// adds them in order. Only a read that reached the true end of the directory seals its stage.
package intake
