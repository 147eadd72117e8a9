package database

import "context"

// sheet collects rows of one table, value by value in the order of its columns, and writes them. That one of them is
// there already is an error. It is made before the transaction begins, which keeps others waiting.
type Rows interface {
	Text(value string)
	// Copied is a text, nil for NULL, that the caller goes on writing over.
	TextBytes(value []byte)
	Bytes(value []byte) // nil: NULL
	Number(value int64)
	// Write may be called once.
	Write(ctx context.Context, tx *Tx) error
}
