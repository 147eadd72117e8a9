package tables

import (
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Auditor collects the audit rows of a batch.
type Auditor struct {
	Batch   *ledger.Batch
	Rows    database.Rows // made for AuditRows
	Numbers NumbersBySet
	buffer  []byte // holds the values of one change
}

// Put adds the audit row of a change under the audit number seq. The row of a deletion names the fields but keeps no
// values. A text that can't be stored is ErrBadText.
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
