package roster

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTextsStayWhileOthersArePutBesideThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var room TextBuffer
		for range rapid.IntRange(1, 3).Draw(t, "times") {
			room.Reset()
			var have, want []string
			for _, text := range rapid.SliceOfN(rapid.StringMatching(`[A-Za-z@.]{0,40}`), 1, 50).Draw(t, "texts") {
				if rapid.Bool().Draw(t, "lower") {
					have, want = append(have, room.lower(text)), append(want, strings.ToLower(text))
				} else {
					have, want = append(have, room.Put([]byte(text))), append(want, text)
				}
			}
			for i := range want {
				if have[i] != want[i] {
					t.Fatalf("%d: %q, want %q", i, have[i], want[i])
				}
			}
		}
	})
}
