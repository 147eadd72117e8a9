package tables

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
)

// AuditColumns are the columns that ScanAudit reads.
const AuditColumns = "seq, run, at, op, member, group_id, why, fields, vals"

// AuditRows returns the insertion of audit rows: the tenant, then AuditColumns.
func AuditRows() database.Insertion {
	return database.Insertion{Table: "changes", Columns: append([]string{"tenant"},
		strings.Split(AuditColumns, ", ")...)}
}

// OptionalID returns an id as it is stored. The zero UUID is NULL.
func OptionalID(id *uuid.UUID) []byte {
	if *id == uuid.Nil {
		return nil
	}
	return id[:]
}

// ScanAudit reads a row of AuditColumns. It leaves out fields that only a newer release knows.
func ScanAudit(rows *sql.Rows) (ledger.AuditRow, error) {
	var c ledger.AuditRow
	var at int64
	var member, group uuid.NullUUID
	var names string
	var values sql.RawBytes
	if err := rows.Scan(&c.Seq, &c.Run, &at, &c.Op, &member, &group, &c.Why, &names, &values); err != nil {
		return ledger.AuditRow{}, err
	}
	c.At, c.Member, c.Group = database.FromMicros(at), member.UUID, group.UUID
	fields, err := FieldNames(names)
	if err != nil {
		return ledger.AuditRow{}, err
	}
	pairs := make([][2]any, len(fields))
	if len(values) > 0 {
		if pairs, err = fieldPairs(values); err != nil {
			return ledger.AuditRow{}, err
		}
		if len(pairs) != len(fields) {
			return ledger.AuditRow{}, errors.New("an audit row has fewer or more values than fields")
		}
	}
	c.Fields = pairsByName(fields, pairs)
	return c, nil
}

// pairsByName returns the pairs of an audit row by the names of its fields. Each custom field has its own name.
func pairsByName(names []string, pairs [][2]any) map[string][2]any {
	fields := make(map[string][2]any, len(names))
	for i, name := range names {
		switch name {
		case "": // a newer release has the field
		case roster.Custom.String():
			splitCustom(fields, pairs[i])
		default:
			fields[name] = pairs[i]
		}
	}
	return fields
}
