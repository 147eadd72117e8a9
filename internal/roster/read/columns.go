package read

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// Columns is a report's list of the columns that some field may use. Names are dotted paths, in the order of their
// first value. The index of a name is its bit in the masks of known rows, so names are only ever appended.
type Columns struct {
	Names []string `json:"names"`
	// Words are the known words of status and locale columns. Each has a number and a name like a column, and a row with
	// the word fills it. So words are counted like columns, also those of known rows.
	Words map[int]Word `json:"words,omitempty"`
	// Custom numbers the custom fields that rows fill.
	Custom *CustomColumns `json:"custom,omitempty"`
	// Last has the column that each field, and "primary", was last read from, by name, and Source the name of the source.
	// Bind keeps to these columns.
	Last   map[string]string `json:"last,omitempty"`
	Source string            `json:"source,omitempty"`
}

// CustomColumns number the custom fields that rows fill. All of a row's custom values are in one cell, each with its
// field's number as the id (see roster.CustomID), so they need no columns of their own.
type CustomColumns struct {
	Cell  int      `json:"cell"`  // number of the column that stands for the cell
	Names []string `json:"names"` // of the fields by number, in the order of their first value; only ever appended
}

// customCell is the name of the column that stands for the cell with the custom values.
const customCell = "custom fields"

// numberOf returns the number of a custom field, or -1 if it has none.
func (c *Columns) numberOf(custom string) int {
	if c.Custom == nil {
		return -1
	}
	return slices.Index(c.Custom.Names, custom)
}

// FilledCustom is the place in counts of filled rows by column where those by custom field begin.
const FilledCustom = roster.MaxColumns

// bindCustom returns the bindings of the custom fields that a row fills, by name.
func (c *Columns) bindCustom(of roster.CustomFields, filled []int) (bound []roster.CustomBinding) {
	for _, name := range of.Names() {
		if n := c.numberOf(name); n >= 0 && FilledCustom+n < len(filled) && filled[FilledCustom+n] > 0 {
			bound = append(bound, roster.CustomBinding{Name: name, Number: n, Column: of[name]})
		}
	}
	return bound
}

// Word is a known word of a column.
type Word struct {
	Column  int    `json:"column"`  // number of the column
	Text    string `json:"text"`    // as first written, or roster.OtherWords; "": any unknown word
	Meaning string `json:"meaning"` // what it is taken for; "": it isn't known
}

// maxWords bounds the words that get a number.
const maxWords = 16

// DecodeColumns decodes the Columns that Encode returned, for a read of the source. There may be none.
func DecodeColumns(stored []byte, source roster.Source) (c Columns, err error) {
	if len(stored) > 0 {
		if err := json.Unmarshal(stored, &c); err != nil {
			return c, fmt.Errorf("decode columns: %w", err)
		}
	}
	if c.Source != source.Name {
		c.Source, c.Last = source.Name, nil
	}
	return c, nil
}

// Encode encodes the columns of a read for the next one, with the columns that fields were read from.
func (c Columns) Encode(b roster.Bindings) ([]byte, error) {
	c.Last = maps.Clone(c.Last)
	if c.Last == nil {
		c.Last = map[string]string{}
	}
	for f := range b.Fields.All() {
		if !f.Derived() && f != roster.Custom {
			c.Last[f.String()] = b.By[f].Name
		}
	}
	delete(c.Last, primaryName)
	if b.Primary != nil {
		c.Last[primaryName] = b.Primary.Name
	}
	stored, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode columns: %w", err)
	}
	return stored, nil
}

// Renumbered returns Columns without names, for a read that numbers them anew.
func (c Columns) Renumbered() Columns { return Columns{Last: c.Last, Source: c.Source} }

// real yields the numbers and names of the columns without the words and the cell of custom values.
func (c *Columns) real(yield func(number int, name string) bool) {
	for number, name := range c.Names {
		if _, word := c.Words[number]; !word && (c.Custom == nil || c.Custom.Cell != number) && !yield(number, name) {
			return
		}
	}
}

// Real returns the names of the columns by their numbers. A word's name is "".
func (c *Columns) Real() []string {
	names := make([]string, len(c.Names))
	for number, name := range c.real {
		names[number] = name
	}
	return names
}

// CountWords returns the words in the columns of the fields with fixed words, as roster.SortWords sorts them. unknown
// are the unknown words of the rows that were judged. Those of known rows have no text.
func (c *Columns) CountWords(b roster.Bindings, filled []int, unknown []roster.WordCount) []roster.WordCount {
	counts := slices.Clone(unknown)
	for number, word := range c.Words {
		for f := range b.Fields.All() {
			if !f.HasWords() || b.By[f].Column != word.Column || number >= len(filled) {
				continue
			}
			count := roster.WordCount{Field: f.String(), Word: word.Text, Rows: filled[number], Meaning: word.Meaning}
			if word.Text == "" {
				for _, judged := range unknown {
					if judged.Field == count.Field {
						count.Rows -= judged.Rows
					}
				}
			}
			if count.Rows > 0 {
				counts = append(counts, count)
			}
		}
	}
	roster.SortWords(counts)
	return counts
}

// known returns the number of rows with a known word in a column.
func (c *Columns) known(column int, filled []int) (rows int) {
	for number, word := range c.Words {
		if word.Column == column && word.Meaning != "" && number < len(filled) {
			rows += filled[number]
		}
	}
	return rows
}

// saysYes returns the mask of the words that mean yes in a column.
func (c *Columns) saysYes(column int) (mask uint64) {
	for number, word := range c.Words {
		if word.Column == column && word.Meaning == roster.Yes {
			mask |= 1 << number
		}
	}
	return mask
}

// primaryName stands for the column that says which row of a worker counts, in Columns.Last.
const primaryName = "primary"

// UnusedColumn is a column that no field can use, or a candidate without a value. Filled is the number of rows with
// a value.
type UnusedColumn struct {
	Name   string `json:"name"`
	Filled int    `json:"filled"`
}

var usualFields = func() map[string][]roster.Field {
	fields := map[string][]roster.Field{}
	for f := range roster.Fields() {
		for _, name := range f.UsualColumns() {
			fields[name] = append(fields[name], f)
		}
	}
	return fields
}()

// candidates returns the fields that a column may fill: those of the tenant's map, else those with its name as a
// usual name.
func candidates(mapped map[string][]roster.Field, path string) []roster.Field {
	if fields, own := mapped[roster.ColumnKey(path)]; own {
		return fields
	}
	return usualFields[roster.UsualKey(path)]
}
