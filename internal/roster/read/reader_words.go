package read

import (
	"maps"
	"strings"

	"github.com/rollcall/rollcall/internal/roster"
)

// vocabularies hold the vocabularies of the fields with fixed words.
type vocabularies struct {
	of       map[roster.Field]roster.Vocabulary
	numbered map[wordKey]int // numbers of the words by column and spelling; -1: the spelling has none
}

// wordKey is a spelling of a word in a column.
type wordKey struct {
	column int
	text   string
}

// maxSpellings bounds the spellings that a Reader remembers. A column with more has something else than words.
const maxSpellings = 200

// maxSpelling bounds the bytes of each. A longer text is no word.
const maxSpelling = 1000

func newVocabularies(of roster.Mappings) vocabularies {
	v := vocabularies{of: map[roster.Field]roster.Vocabulary{}, numbered: map[wordKey]int{}}
	for f := range roster.Fields() {
		if f.HasWords() {
			v.of[f] = of.Vocabulary(f)
		}
	}
	return v
}

// number gives a column its number. If the column may fill a field with fixed words, they are counted.
func (r *Reader) number(c *column, number int) {
	c.number = number
	if c.words != roster.NoField {
		r.counted[number], r.counts = c, r.counts|1<<number
	}
}

// countWords adds a span without text for each known word of the row, in the column that stands for the word.
func (r *Reader) countWords() error {
	if r.counts == 0 {
		return nil
	}
	var filled uint64
	for _, span := range r.spans {
		if r.counts>>span.Column&1 == 0 {
			continue
		}
		number, err := r.wordNumber(span.Column, r.text[span.Start:span.End])
		if err != nil {
			return err
		}
		if number >= 0 && filled>>number&1 == 0 {
			filled |= 1 << number
			r.spans = append(r.spans, CellSpan{Column: number, Start: span.Start, End: span.Start, ID: -1})
		}
	}
	return nil
}

// wordNumber returns the number of a word in a column, or -1 if it has none.
func (r *Reader) wordNumber(column int, spelled []byte) (number int, err error) {
	if number, met := r.words.numbered[wordKey{column, string(spelled)}]; met {
		return number, nil
	}
	key := wordKey{column, string(spelled)}
	number, err = r.newWordNumber(key)
	if err == nil && len(spelled) <= maxSpelling && len(r.words.numbered) < maxSpellings {
		r.words.numbered[key] = number
	}
	return number, err
}

// newWordNumber finds the number of a word that Columns has in another spelling, or gives the word a number.
func (r *Reader) newWordNumber(key wordKey) (number int, err error) {
	words := r.words.of[r.counted[key.column].words]
	text := roster.NormalText(key.text)
	meaning, known := words.Meaning(text)
	switch {
	case !known && r.counted[key.column].words.Decides():
		return -1, nil // a row with such a word is never known, so it is read every time
	case !known:
		text = "" // it may be anything, so it isn't kept
	case !words.Lists(text):
		text = roster.OtherWords
	}
	for number, word := range r.columns.Words {
		if word.Column == key.column && word.Meaning == meaning && strings.EqualFold(word.Text, text) {
			return number, nil
		}
	}
	switch {
	case len(r.columns.Words) >= maxWords || len(r.columns.Names) >= roster.MaxColumns:
		return -1, nil
	case r.isCopy:
		return -1, errCopyLearns
	}
	number = len(r.columns.Names)
	r.columns.Names = append(r.columns.Names, r.columns.Names[key.column]+"="+text)
	all := map[int]Word{number: {Column: key.column, Text: text, Meaning: meaning}}
	maps.Copy(all, r.columns.Words)
	r.columns.Words = all // the map before it may be in use
	return number, nil
}
