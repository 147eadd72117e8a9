package roster

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster/rostertest"
)

func TestAnOffendingValueIsBoundedAndSaysHowLongItWas(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 1234)
	for value, want := range map[string]string{
		"Oui": "Oui", " a \u00a0 b ": "a b", strings.Repeat("x", 100): strings.Repeat("x", 100),
		long: strings.Repeat("é", 100) + "… (1234 characters)",
	} {
		assert.Equal(t, want, newOffendingValue(value).String())
	}
	rapid.Check(t, func(t *rapid.T) {
		v := newOffendingValue(rostertest.AnyText().Draw(t, "value"))
		if n := utf8.RuneCountInString(v.Text); n > MaxOffending || !utf8.ValidString(v.Text) || v.Length > 0 && v.Length <= n {
			t.Fatalf("%q of %d characters", v.Text, v.Length)
		}
	})
}

func TestAnIssueKeepsTheFirstDistinctValues(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []OffendingValue{{Text: "a"}, {Text: "b"}}, offending("a", "", " a", "b", "a"))
	assert.Nil(t, offending())
	many := strings.Split(strings.Repeat("x", 40), "")
	for i := range many {
		many[i] = strings.Repeat("x", i+1)
	}
	assert.Len(t, offending(many...), maxOffendingValues)
}

func TestATallyLosesNoRow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tally OffendingTally
		most := rapid.IntRange(1, 3*maxTallied).Draw(t, "distinct")
		added := 0
		for n := range rapid.IntRange(0, 2*most).Draw(t, "values") {
			tally.Add(strings.Repeat("v", n%7)+string(rune('a'+n%most)), 1+n%3)
			added += 1 + n%3
		}
		worst, others := tally.Worst(rapid.IntRange(0, 30).Draw(t, "limit"))
		for i, v := range worst {
			others += v.Rows
			if i > 0 && v.Rows > worst[i-1].Rows {
				t.Fatalf("%v are not worst first", worst)
			}
		}
		if others != added || len(tally.rows) > maxTallied {
			t.Fatalf("%d rows of %d, %d values kept", others, added, len(tally.rows))
		}
	})
}
