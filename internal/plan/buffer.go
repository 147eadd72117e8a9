package plan

// Buffer holds the memory in which the changes of one batch are planned. The next batch overwrites it.
type Buffer struct {
	writer  goalWriter
	changes []Change
}

// Changes returns the changes from in.Members to their Target, as Diff does. They refer to members in the buffer
// and in in. The only error is a *CollisionError.
func (b *Buffer) Changes(in Input) ([]Change, error) {
	goal, err := b.writer.target(in)
	b.writer.input = Input{} // belongs to the caller
	if err != nil {
		return nil, err
	}
	b.changes = appendDiff(b.changes[:0], Current{Members: in.Members, Memberships: in.Memberships}, goal)
	return b.changes, nil
}
