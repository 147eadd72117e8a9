package read

import (
	"slices"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// customColumn is a custom field that a column fills.
type customColumn struct {
	name   string
	number int // -1: none so far
}

// fillsCustom reports whether a row had a value of one of the column's custom fields.
func (c *column) fillsCustom() bool {
	return slices.ContainsFunc(c.custom, func(of customColumn) bool { return of.number >= 0 })
}

// customOf returns the custom fields of a column.
func (r *Reader) customOf(column string) []customColumn {
	var fields []customColumn
	for _, name := range r.custom[roster.ColumnKey(column)] {
		fields = append(fields, customColumn{name, r.columns.numberOf(name)})
	}
	return fields
}

// addCustom adds the value of a column's custom fields, which is a part of r.text, to the cell of custom values.
func (r *Reader) addCustom(c *column, start, end int) error {
	value := r.text[start:end]
	for i := range c.custom {
		if c.custom[i].number < 0 {
			if err := r.numberCustom(&c.custom[i]); err != nil {
				return err
			}
		}
		from := end
		if i > 0 || len(r.text) > end {
			from = len(r.text) + len(value)
			r.text = append(r.text, value...)
		}
		r.text = append(r.text, roster.CustomID(c.custom[i].number)...)
		r.spans = append(r.spans, CellSpan{
			Column: r.columns.Custom.Cell, Start: from - len(value), End: from, ID: len(r.text),
		})
		r.filledCustom |= 1 << c.custom[i].number
	}
	return nil
}

// Mask returns the mask of a row that the reader has read.
func (r *Reader) Mask(row roster.Row) Mask {
	mask := Mask{Columns: row.Mask()}
	if r.columns.Custom != nil {
		mask.Custom = row.CustomMask(r.columns.Custom.Cell)
	}
	return mask
}

// numberCustom gives a custom field its number. The first one also gives the cell its number.
func (r *Reader) numberCustom(c *customColumn) error {
	if c.number = r.columns.numberOf(c.name); c.number >= 0 {
		return nil
	}
	var custom CustomColumns
	if r.columns.Custom != nil {
		custom = *r.columns.Custom
	}
	switch first := len(custom.Names) == 0; {
	case r.isCopy:
		return errCopyLearns
	case len(custom.Names) == roster.MaxColumns, first && len(r.columns.Names) == roster.MaxColumns:
		return fault.TooManyColumns(roster.MaxColumns+1, roster.MaxColumns)
	case first:
		custom.Cell = len(r.columns.Names)
		r.columns.Names = append(r.columns.Names, customCell)
	}
	c.number = len(custom.Names)
	custom.Names = append(slices.Clone(custom.Names), c.name)
	r.columns.Custom = &custom // the one before may be in use
	return nil
}
