package store

import (
	"context"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// sheet collects rows of one table, value by value in the order of its columns, and writes them. That one of them is
// there already is an error. It is made before the transaction begins, which keeps others waiting.
type sheet interface {
	text(value string)
	// copied is a text, nil for NULL, that the caller goes on writing over.
	copied(value []byte)
	bytes(value []byte) // nil: NULL
	number(value int64)
	// write may be called once.
	write(ctx context.Context, tx *transaction) error
}

// putMember puts a row of newMemberRows.
func putMember(s sheet, b *batch, m *roster.Member) {
	s.text(b.Tenant)
	s.bytes(m.ID[:])
	s.number(1)
	s.bytes(hashBytes(&m.Known.Row))
	s.number(int64(m.Known.Columns))
	s.number(int64(m.Known.Issues))
	s.number(int64(m.Known.Content))
	s.text(m.ExternalID)
	s.text(m.ExternalKind)
	s.number(micros(m.DepartedAt))
	s.number(micros(b.At))
	s.number(micros(b.At))
	for f := range m.Values {
		s.text(m.Values[f])
	}
}

// auditor puts rows of auditRows.
type auditor struct {
	batch *batch
	sheet sheet
	known numbersBySet // of the fields
	room  []byte       // to write values in
}

// put puts what the audit says of a change. Of a deletion it keeps the names of the fields alone.
func (a *auditor) put(seq int64, c *plan.Change) error {
	names, values, err := auditFields(a.room[:0], c, a.known)
	if err != nil {
		return err
	}
	a.room = values
	s := a.sheet
	s.text(a.batch.Tenant)
	s.number(seq)
	s.bytes(a.batch.Run[:])
	s.number(micros(a.batch.At))
	s.text(c.Verb.Op())
	s.bytes(optionalID(&c.Member))
	s.bytes(optionalID(&c.Group))
	s.text(string(c.Why))
	s.text(names)
	if c.Verb == plan.Delete || names == "" {
		s.copied(nil)
	} else {
		s.copied(values)
	}
	return nil
}
