package roster

import "strings"

// Words maps words of a column, as the directory writes them, to what they mean. OtherWords stands for all words that
// the map doesn't have.
type Words map[string]string

// OtherWords is the key for all words that a map doesn't have. In a map with it, the built-in words don't count.
const OtherWords = "*"

// Vocabulary says what the words of a column mean: first by the tenant's map, then by the built-in words, both without
// case. The zero Vocabulary knows no word.
type Vocabulary struct {
	own     map[string]string // by lower-case word
	others  string            // what all words mean that own doesn't have; "": the built-in words count
	builtIn map[string]string // by lower-case word
}

func newVocabulary(own Words, builtIn map[string]string) Vocabulary {
	v := Vocabulary{own: map[string]string{}, others: own[OtherWords], builtIn: builtIn}
	for word, meaning := range own {
		putFirst(v.own, lower(NormalText(word)), meaning)
	}
	return v
}

// Meaning returns the value that a word means. known is false if the vocabulary doesn't know it.
func (v Vocabulary) Meaning(word string) (value string, known bool) {
	word = lower(word)
	if value, known = v.own[word]; known {
		return value, true
	}
	if v.others != "" {
		return v.others, true
	}
	value, known = v.builtIn[word]
	return value, known
}

// Lists reports whether the vocabulary has the word itself, not only OtherWords.
func (v Vocabulary) Lists(word string) bool {
	word = lower(word)
	_, own := v.own[word]
	_, builtIn := v.builtIn[word]
	return own || builtIn
}

// statusWords are the built-in words of the status column, in lower case.
var statusWords = map[string]string{
	"active": Active, "employed": Active, "hired": Active, "current": Active, "on probation": Active,
	"1": Active, "true": Active, "yes": Active,
	"inactive": Inactive, "on leave": Inactive, "leave of absence": Inactive, "leave": Inactive, "loa": Inactive,
	"suspended": Inactive, "0": Inactive, "false": Inactive, "no": Inactive,
	"terminated": Departed, "retired": Departed, "resigned": Departed, "deceased": Departed, "separated": Departed,
	"former": Departed,
}

// Statuses returns the values that a word of the status column may mean.
func Statuses() []string { return []string{Active, Inactive, Departed} }

const defaultLocale = "en-US"

// Locales returns the supported locales.
func Locales() []string { return []string{defaultLocale, "fr-CA", "es-ES", "ko", "ja"} }

// localeWords are the built-in words of the locale column, in lower case: the supported tags in their spellings, and
// Workday's names of the same. A language without a region stands for a tag only if the tag has no region either: "fr"
// doesn't mean fr-CA. No other language means the nearest tag.
var localeWords = map[string]string{
	"en-us": "en-US", "en_us": "en-US", "fr-ca": "fr-CA", "fr_ca": "fr-CA", "es-es": "es-ES", "es_es": "es-ES",
	"ko": "ko", "ko-kr": "ko", "ko_kr": "ko", "ja": "ja", "ja-jp": "ja", "ja_jp": "ja",
	"english (united states)": "en-US", "french (canada)": "fr-CA", "spanish (spain)": "es-ES", "korean": "ko",
	"japanese": "ja",
}

// yesNoWords are the spellings of yes and no, in lower case.
var yesNoWords = map[string]string{"yes": Yes, "1": Yes, "true": Yes, "no": No, "0": No, "false": No}

// The values of PeopleManager.
const (
	Yes = "yes"
	No  = "no"
)

// YesOrNo returns the vocabulary of yes and no.
func YesOrNo() Vocabulary { return newVocabulary(nil, yesNoWords) }

// normalYesNo returns Yes or No.
func normalYesNo(text string) (string, bool) {
	value, ok := yesNoWords[lower(text)]
	return value, ok
}

// lower returns text in lower case. It doesn't allocate for the usual words.
func lower(text string) string {
	switch text {
	case "Yes":
		return "yes"
	case "No":
		return "no"
	case "Active":
		return "active"
	case "Inactive":
		return "inactive"
	case "Terminated":
		return "terminated"
	case "en-US":
		return "en-us"
	case "fr-CA":
		return "fr-ca"
	case "es-ES":
		return "es-es"
	}
	if isLowerASCII(text) {
		return text
	}
	return strings.ToLower(text)
}
