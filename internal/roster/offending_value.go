package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// OffendingValue is a value of a cell that could not be used. It may be personal data: it goes only into reports, and
// masked into a check.
type OffendingValue struct {
	Text   string `json:"text"`             // at most MaxOffending characters of the value, normalised
	Length int    `json:"length,omitempty"` // characters of the whole value; 0: Text is all of it
}

// MaxOffending is the number of characters that an OffendingValue keeps.
const MaxOffending = 100

// maxOffendingValues bounds the values of one issue.
const maxOffendingValues = 10

// offending returns the distinct values of one cell that could not be used, without empty ones. It keeps the first few.
func offending(values ...string) []OffendingValue {
	var list []OffendingValue
	for _, value := range values {
		v := newOffendingValue(value)
		if v.Text != "" && !slices.Contains(list, v) {
			list = append(list, v)
		}
		if len(list) == maxOffendingValues {
			break
		}
	}
	return list
}

func newOffendingValue(value string) OffendingValue {
	value = NormalText(value)
	characters := 0
	for end := range value {
		if characters++; characters > MaxOffending {
			// A copy doesn't keep the memory of a long value.
			return OffendingValue{Text: strings.Clone(value[:end]), Length: utf8.RuneCountInString(value)}
		}
	}
	return OffendingValue{Text: value}
}

// String returns the text, and behind it the length of a value that is longer.
func (v OffendingValue) String() string {
	if v.Length == 0 {
		return v.Text
	}
	return fmt.Sprintf("%s… (%d characters)", strings.TrimSuffix(v.Text, "…"), v.Length)
}

// OffendingCount is a distinct offending value with the number of rows that have it.
type OffendingCount struct {
	Value string `json:"value"`
	Rows  int    `json:"rows"`
}

// OffendingTally counts the distinct offending values of one cause. The zero OffendingTally is empty. Its memory is bounded: it
// keeps the first maxTallied values apart, and counts the rows with other values together.
type OffendingTally struct {
	rows   map[string]int
	others int
}

const maxTallied = 2000

// Add counts rows with a value.
func (t *OffendingTally) Add(value string, rows int) {
	if _, met := t.rows[value]; !met {
		if len(t.rows) == maxTallied {
			t.others += rows
			return
		}
		if t.rows == nil {
			t.rows = map[string]int{}
		}
	}
	t.rows[value] += rows
}

// Worst returns the limit values that the most rows have, worst first, and the number of rows with others. Law: the rows
// of all of them are those that were added.
func (t *OffendingTally) Worst(limit int) (worst []OffendingCount, others int) {
	worst = make([]OffendingCount, 0, len(t.rows))
	for value, rows := range t.rows {
		worst = append(worst, OffendingCount{value, rows})
	}
	slices.SortFunc(worst, func(a, b OffendingCount) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Value, b.Value))
	})
	others = t.others
	for _, more := range worst[min(limit, len(worst)):] {
		others += more.Rows
	}
	return worst[:min(limit, len(worst))], others
}
