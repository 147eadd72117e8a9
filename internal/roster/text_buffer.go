package roster

import "unsafe"

// TextBuffer holds many texts in one block of memory, to save allocations. The zero TextBuffer is ready to use.
type TextBuffer struct{ block []byte }

// Reset empties the buffer. All its texts become invalid.
func (t *TextBuffer) Reset() { t.block = t.block[:0] }

// Grow makes room for n more bytes. Earlier texts stay valid.
func (t *TextBuffer) Grow(n int) {
	if n > cap(t.block)-len(t.block) {
		t.block = make([]byte, 0, max(n, 2*cap(t.block)))
	}
}

// Put copies a text into the buffer and returns it.
func (t *TextBuffer) Put(text []byte) string {
	t.Grow(len(text))
	at := len(t.block)
	t.block = append(t.block, text...)
	return t.from(at)
}

// lower puts an ASCII text in lower case.
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

// from returns the text that starts at an offset.
func (t *TextBuffer) from(at int) string {
	written := t.block[at:]
	return unsafe.String(unsafe.SliceData(written), len(written)) //nolint:gosec // not written to until Reset
}
