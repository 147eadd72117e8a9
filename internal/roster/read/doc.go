// Package read decodes the rows of a report and decides which column fills which field.
//
// A Reader turns the JSON of a row into a roster.Row: it flattens objects to dotted columns and keeps only the columns
// that some field may use. After the last row, Bind chooses one column for each field. PackedRows and RowBuffer are the
// form in which rows are stored between the two.
//
// The masks of known rows use the numbers of Columns, so Columns only ever grow. What PackRows wrote, every later
// release must read.
package read
