// Package intake reads a tenant's directory into stages: users against the rows that are known, and groups.
//
// A row is known if its bytes were accepted before: its member already matches it. Of a known row only its number is kept.
// Any other row is decoded and kept.
//
//	known rows ──────────────────────────┐
//	directory ──pages──▶ hash, look up, decode (several at once) ──▶ take, in order ──▶ stage
//
// The known rows are loaded first, into one map. Pages of raw rows are hashed, looked up and decoded by several goroutines
// and taken in their order. Only a read that reached the true end of the directory seals its stage.
package intake
