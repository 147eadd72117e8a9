package database

import "context"

// Rows collects new rows of one table and inserts them. Values are added one by one, in the order of the columns. A row
// that exists already is an error. Rows are collected before the transaction begins, because an open transaction makes
// others wait.
type Rows interface {
	// Text adds a text.
	Text(value string)
	// TextBytes adds a text, or NULL for nil. It copies value, so the caller may overwrite it.
	TextBytes(value []byte)
	// Bytes adds bytes, or NULL for nil.
	Bytes(value []byte) // nil: NULL
	// Number adds a number.
	Number(value int64)
	// Write inserts the rows. It may be called once, and the Rows can't be used after it.
	Write(ctx context.Context, tx *Tx) error
}
