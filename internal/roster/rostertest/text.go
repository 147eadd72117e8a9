// Package rostertest draws texts for tests of package roster and its readers.
package rostertest

import "pgregory.net/rapid"

// AnyText draws texts that are hard to normalise, and bytes that are no text.
func AnyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOf(rapid.SampledFrom([]rune(" \t\u00a0\u200b\u200c\u200d\u202a\u3000\u0000\u0301\u0327\u034f\u1100\u1161\u11a8가eéEAİK.@;-_"))),
		rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) }),
	)
}

// AnyEmail draws emails, texts that are nearly emails, and any texts.
func AnyEmail() *rapid.Generator[string] {
	return rapid.OneOf(AnyText(), rapid.Custom(func(t *rapid.T) string {
		part := rapid.StringOfN(rapid.SampledFrom([]rune("aZ9.+-_'\"<> é\u0301İK()@\\")), 1, 8, -1)
		last := rapid.SampledFrom([]string{"com", "a-b", "c.om", "1", "é"})
		return part.Draw(t, "local") + "@" + part.Draw(t, "label") + "." + last.Draw(t, "last")
	}))
}
