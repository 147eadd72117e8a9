package tables

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// Containing returns a LIKE pattern for texts that contain value as JSON. Its escape character is '!'.
func Containing(value string) (string, error) {
	text, err := json.Marshal(value)
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(string(text)) + "%", err
}

// ErrBadText says that a text can't be stored, by either database.
var ErrBadText = errors.New("a text can't be kept")

// KeepableText reports whether a text can be stored: it is UTF-8 and holds no NUL.
func KeepableText(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}
