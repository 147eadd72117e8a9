package roster

import (
	"cmp"
	"slices"
)

// WordCount is a word in the column of a field whose words have fixed meanings.
type WordCount struct {
	Field   string `json:"field"`
	Word    string `json:"word"` // as written; OtherWords: all that the map doesn't have; "": unknown ones of known rows
	Rows    int    `json:"rows"`
	Meaning string `json:"meaning"` // what it is taken for; "": it isn't known
}

// SortWords sorts by field, then unknown words first, then the most frequent first.
func SortWords(words []WordCount) {
	slices.SortFunc(words, func(a, b WordCount) int {
		fieldA, _ := ParseField(a.Field)
		fieldB, _ := ParseField(b.Field)
		return cmp.Or(cmp.Compare(fieldB, fieldA), cmp.Compare(min(len(a.Meaning), 1), min(len(b.Meaning), 1)),
			cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Word, b.Word))
	})
}
