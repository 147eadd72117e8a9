package tables

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// Containing is a LIKE pattern of texts that have value's JSON in them.
func Containing(value string) (string, error) {
	text, err := json.Marshal(value)
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(string(text)) + "%", err
}

// ErrBadText says that some text can't be kept, by whichever database. rows.take finds that as it writes texts down, of which
// it looks at each byte anyway; keepable tells which change it is.
var ErrBadText = errors.New("a text can't be kept")

// KeepableText tells whether a text can be kept.
func KeepableText(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}
