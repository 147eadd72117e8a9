package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/mask"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// Column is one column of the user report.
type Column struct {
	Column  string   `json:"column"`
	Fields  []string `json:"fields"`  // read from the column; empty if it is unused
	Filled  int      `json:"filled"`  // rows with a value
	Rate    float64  `json:"rate"`    // share of rows with a value, 0 to 1
	Example *string  `json:"example"` // masked; null if the column is unused

	Scope   bool `json:"scope,omitempty"`   // the tenant's scope reads it
	Primary bool `json:"primary,omitempty"` // it says which of several rows of a worker counts
}

// Missing is a field without a value in any row.
type Missing struct {
	Field  string        `json:"field"`
	Demand roster.Demand `json:"demand"`
	Likely *string       `json:"likely"` // the column that probably has the field under another name
	Policy *string       `json:"policy"` // Workday's domain security policy that may be missing
	Hint   string        `json:"hint"`
}

// listColumns adds the columns of the report to the result.
func (c *check) listColumns(filled []int, bindings roster.Bindings) {
	type placed struct {
		Column
		first roster.Field // first field that is read from the column
	}
	columns := make([]placed, 0, len(c.columns.Names))
	for i, name := range c.columns.Real() {
		if name == "" {
			continue
		}
		column := placed{
			Column{Column: name, Fields: []string{}, Filled: filled[i], Rate: c.rate(filled[i])},
			roster.NoField,
		}
		for f := range roster.Field(roster.FieldCount) {
			if f != roster.Role && bindings.Fields.Has(f) && bindings.By[f].Column == i {
				column.Fields = append(column.Fields, f.String())
				column.first = min(column.first, f)
			}
		}
		for _, number := range bindings.Scope {
			column.Scope = column.Scope || number == i
		}
		column.Primary = bindings.Primary != nil && bindings.Primary.Column == i
		column.Example = c.example(i, column.first)
		columns = append(columns, column)
	}
	for _, custom := range bindings.Custom {
		rows := filled[read.FilledCustom+custom.Number]
		column := placed{Column{
			Column: custom.Column, Fields: []string{roster.CustomPrefix + custom.Name}, Filled: rows, Rate: c.rate(rows),
		}, roster.Custom}
		column.Example = c.customExample(bindings.By[roster.Custom].Column, custom.Number)
		columns = append(columns, column)
	}
	slices.SortFunc(columns, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.Column.Column, b.Column.Column))
	})
	for _, column := range columns {
		c.result.Columns = append(c.result.Columns, column.Column)
	}
	for _, unused := range c.reader.Unused() {
		c.result.Columns = append(c.result.Columns, Column{
			Column: unused.Name, Fields: []string{}, Filled: unused.Filled, Rate: c.rate(unused.Filled),
		})
	}
}

func (c *check) rate(filled int) float64 { return float64(filled) / float64(max(len(c.rows), 1)) }

// example returns the first value of a column, masked if field f is personal.
func (c *check) example(column int, f roster.Field) *string {
	for _, row := range c.rows {
		for _, cell := range row.Cells {
			if cell.Column == column {
				return nullable.Of(mask.Value(f, roster.NormalText(cell.Values[0])))
			}
		}
	}
	return nil
}

// customExample returns the first value of a custom field, masked. cell is the column with the custom values.
func (c *check) customExample(cell, number int) *string {
	for _, row := range c.rows {
		for _, of := range row.Cells {
			if at := slices.Index(of.IDs, roster.CustomID(number)); of.Column == cell && at >= 0 {
				return nullable.Of(mask.Value(roster.Custom, roster.NormalText(of.Values[at])))
			}
		}
	}
	return nil
}

// listMissing adds the missing fields to the result, with a finding for each.
func (c *check) listMissing(bindings roster.Bindings) {
	unused, source := c.reader.Unused(), c.directory.Source()
	for f := range roster.Fields() {
		switch {
		case f.Derived() || bindings.Fields.Has(f):
		case f == roster.Custom: // listUnmatched warns of their columns
		case !f.Usual() && !c.settings.Mappings.Fields.Names(f): // read only if the tenant's settings name a column
		case f == roster.Groups && (source.ListsMembers() || len(c.units) == 0): // rows cannot name groups
		default:
			missing := Missing{Field: f.String(), Demand: f.Demand(), Hint: read.Advice(f, unused, source)}
			if source.Policies {
				missing.Policy = nullable.Of(f.Policy())
			}
			if column, found := read.LikelyColumn(f, unused); found {
				missing.Likely = nullable.Of(column.Name)
			}
			c.result.Missing = append(c.result.Missing, missing)
			c.addFinding(Finding{
				Severity: severityOf(f), Code: string(roster.CodeColumnAbsent), Field: nullable.Of(f.String()),
				Detail: consequence(f), Hint: missing.Hint,
			})
		}
	}
	place := func(m Missing) int { return slices.Index(demands, m.Demand) }
	slices.SortStableFunc(c.result.Missing, func(a, b Missing) int { return cmp.Compare(place(a), place(b)) })
}

var demands = []roster.Demand{roster.Required, roster.Recommended, roster.Optional, roster.Additional}

func severityOf(f roster.Field) Severity {
	if f.Required() {
		return Problem
	}
	return Warning
}

// consequence says what a sync does if no row has a value for f.
func consequence(f roster.Field) string {
	const none = "no row read has a value"
	switch {
	case f.Required():
		return none + ": a sync needs this field"
	case f == roster.ExternalID:
		return none + ": people are matched by email, so a changed email looks like a leaver and a new person"
	case f == roster.Groups:
		return none + ": nobody is in a group"
	case f == roster.Status:
		return none + ": everybody counts as active"
	case f == roster.Locale:
		return none + ": everybody has en-US"
	default:
		return none + ": the field does not change for anybody"
	}
}

// listUnmatched warns of columns that tenants.yaml names but the report lacks.
func (c *check) listUnmatched() {
	for _, name := range read.UnmatchedColumns(c.settings.Mappings, &c.columns, c.reader.Unused()) {
		c.addFinding(Finding{
			Severity: Warning, Code: "mapped_column_absent",
			Detail: fmt.Sprintf("tenants.yaml names the column %q under fields, but no row read has it", name),
			Hint:   "Correct the name under fields in tenants.yaml, or " + c.directory.Source().Provide + ".",
		})
	}
}

// noteDates notes columns that look like dates of people who start or leave. Only the tenant's settings can say so.
func (c *check) noteDates(bindings roster.Bindings) {
	for _, f := range [...]roster.Field{roster.StartDate, roster.EndDate} {
		if bindings.Fields.Has(f) {
			continue
		}
		for _, column := range c.reader.Unused() {
			if !slices.Contains(dateColumns[f], roster.UsualKey(column.Name)) {
				continue
			}
			c.addFinding(Finding{
				Severity: Note, Code: "date_not_used", Field: nullable.Of(f.String()),
				Detail: fmt.Sprintf("the column %q looks like the %s of people, but it is not used", column.Name,
					strings.ReplaceAll(f.String(), "_", " ")),
				Hint: fmt.Sprintf("If people should become or stop being members by it, write `%s: %s` under fields in "+
					"tenants.yaml.", column.Name, f),
			})
		}
	}
}

// dateColumns are likely names of columns with dates, as roster.UsualKey returns them.
var dateColumns = map[roster.Field][]string{
	roster.StartDate: {
		"hiredate", "startdate", "originalhiredate", "continuousservicedate", "employmentstartdate", "contractstartdate",
	},
	roster.EndDate: {
		"enddate", "terminationdate", "lastdayofwork", "employmentenddate", "contractenddate", "endemploymentdate",
	},
}

// listUnscoped adds a problem for each column of the scope that no row fills.
func (c *check) listUnscoped(bindings roster.Bindings) {
	for _, name := range bindings.Unscoped {
		c.addFinding(Finding{
			Severity: Problem, Code: "scope_column_absent",
			Detail: fmt.Sprintf("tenants.yaml names the column %q under scope, but no row read has a value in it", name),
			Hint:   "Correct the column under scope in tenants.yaml, or " + c.directory.Source().Provide + ".",
		})
	}
}

// listForeign warns of columns that are named like a status but have other words.
func (c *check) listForeign(bindings roster.Bindings) {
	for _, name := range bindings.Foreign {
		c.addFinding(Finding{
			Severity: Warning, Code: "status_ignored", Field: nullable.Of(roster.Status.String()),
			Detail: fmt.Sprintf("the column %q is named like a status, but fewer than half of its values are words that "+
				"a status may have, so it is ignored", name),
			Hint: fmt.Sprintf("If it is the status, say under statuses in tenants.yaml what its words mean. Otherwise write "+
				"`%s: []` under fields.", name),
		})
	}
}
