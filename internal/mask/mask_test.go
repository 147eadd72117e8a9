package mask_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/mask"
	"github.com/rollcall/rollcall/internal/roster"
)

func TestTextShowsTheFormOfAValue(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                          "",
		"Ada Lovelace":              "A•• L•••••••",
		"Bo":                        "••",
		"ada.lovelace@example.com":  "a••.l•••••••@e••••••.com",
		"ada@@":                     "a••@@",
		"E100234":                   "E######",
		"00417":                     "#####",
		"Müller-Lüdenscheidt":       "M•••••-L•••••••••••",
		"김민준":                       "김••",
		strings.Repeat("long", 100): "l" + strings.Repeat("•", 38) + "…",
	} {
		assert.Equal(t, want, mask.Text(value), value)
	}
}

func TestPublicFieldsAreUnmasked(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Sr. Manager", mask.Value(roster.ManagementLevel, "Sr. Manager"))
	assert.Equal(t, "yes", mask.Value(roster.PeopleManager, "yes"))
	assert.Equal(t, "C••• A•••••••", mask.Value(roster.JobTitle, "Chie Engineer"[:4]+" Architec"))
	assert.Equal(t, "O•••", mask.Value(roster.City, "Oslo"))
}

func TestTextShowsAtMostTheFirstLetterOfAWord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-z0-9äé' .-]{0,30}`).Draw(t, "text")
		shown := 0
		for _, r := range mask.Text(text) {
			switch {
			case unicode.IsDigit(r):
				t.Fatalf("%q shows a digit of %q", mask.Text(text), text)
			case unicode.IsLetter(r):
				if shown++; shown > 1 {
					t.Fatalf("%q shows two letters of a word of %q", mask.Text(text), text)
				}
			case r != mask.Dot && r != mask.Digit:
				shown = 0
			}
		}
	})
}
