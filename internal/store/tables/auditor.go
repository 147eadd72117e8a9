package tables

import (
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Auditor puts rows of auditRows.
type Auditor struct {
	Batch   *ledger.Batch
	Rows    database.Rows
	Numbers NumbersBySet // of the fields
	buffer  []byte       // to write values in
}

// Put puts what the audit says of a change. Of a deletion it keeps the names of the fields alone.
func (a *Auditor) Put(seq int64, c *plan.Change) error {
	names, values, err := AuditFields(a.buffer[:0], c, a.Numbers)
	if err != nil {
		return err
	}
	a.buffer = values
	s := a.Rows
	s.Text(a.Batch.Tenant)
	s.Number(seq)
	s.Bytes(a.Batch.Run[:])
	s.Number(database.Micros(a.Batch.At))
	s.Text(c.Verb.Op())
	s.Bytes(OptionalID(&c.Member))
	s.Bytes(OptionalID(&c.Group))
	s.Text(string(c.Why))
	s.Text(names)
	if c.Verb == plan.Delete || names == "" {
		s.TextBytes(nil)
	} else {
		s.TextBytes(values)
	}
	return nil
}
