package roster

import "unsafe"

// TextRoom is memory in which texts are written one after the other, so that none needs a piece of its own. The zero TextRoom
// is ready.
type TextBuffer struct{ block []byte }

// Empty takes the texts back: none of them may be in use any more.
func (t *TextBuffer) Reset() { t.block = t.block[:0] }

// Grow makes room for texts of so many bytes together. Those before stay where they are.
func (t *TextBuffer) Grow(n int) {
	if n > cap(t.block)-len(t.block) {
		t.block = make([]byte, 0, max(n, 2*cap(t.block)))
	}
}

// Put writes a text.
func (t *TextBuffer) Put(text []byte) string {
	t.Grow(len(text))
	at := len(t.block)
	t.block = append(t.block, text...)
	return t.from(at)
}

// lower writes a text of ASCII in lower case.
func (t *TextBuffer) lower(text string) string {
	t.Grow(len(text))
	at := len(t.block)
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		t.block = append(t.block, c)
	}
	return t.from(at)
}

// from is what was written from there on.
func (t *TextBuffer) from(at int) string {
	written := t.block[at:]
	return unsafe.String(unsafe.SliceData(written), len(written)) //nolint:gosec // nobody writes there until it is emptied
}
