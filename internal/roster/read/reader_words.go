package read

import (
	"maps"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// vocabularies hold the vocabularies of the columns with fixed words.
type vocabularies struct {
	of       map[roster.Field]*vocabulary
	primary  *vocabulary     // of the column for primary
	column   string          // that column's roster.ColumnKey; "": there is none
	numbered map[wordKey]int // numbers of the words by column and spelling; -1: the spelling has none
}

// vocabulary is a vocabulary of a column.
type vocabulary struct {
	roster.Vocabulary
	decides bool // the words say who is in the directory
	onlyYes bool // only words that mean yes have a number, which is the same for all of them
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
	v := vocabularies{of: map[roster.Field]*vocabulary{}, numbered: map[wordKey]int{}}
	if of.Primary != "" {
		v.column, v.primary = roster.ColumnKey(of.Primary), &vocabulary{Vocabulary: roster.YesOrNo(), onlyYes: true}
	}
	for f := range roster.Fields() {
		if f.HasWords() {
			v.of[f] = &vocabulary{Vocabulary: of.Vocabulary(f), decides: f.Decides()}
		}
	}
	return v
}

// forColumn returns the vocabulary of a column that may fill the fields, or nil if its words aren't counted.
func (v *vocabularies) forColumn(key string, fields []roster.Field) *vocabulary {
	if v.primary != nil && key == v.column {
		return v.primary
	}
	if i := slices.IndexFunc(fields, roster.Field.HasWords); i >= 0 {
		return v.of[fields[i]]
	}
	return nil
}

// number gives a column its number. If the column has fixed words, they are counted.
func (r *Reader) number(c *column, number int) {
	c.number = number
	if c.words != nil {
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
	words := r.counted[key.column].words
	text := roster.NormalText(key.text)
	meaning, known := words.Meaning(text)
	switch {
	case words.onlyYes && meaning != roster.Yes:
		return -1, nil
	case words.onlyYes:
		text = roster.Yes
	case !known && words.decides:
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
	case words.onlyYes && len(r.columns.Names) >= roster.MaxColumns:
		return -1, fault.TooManyColumns(roster.MaxColumns+1, roster.MaxColumns)
	case !words.onlyYes && len(r.columns.Words) >= maxWords || len(r.columns.Names) >= roster.MaxColumns:
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
