package plan

// Room is memory in which changes are worked out of one batch after the other: each takes the place of the one before.
type Buffer struct {
	writer  goalWriter
	changes []Change
}

// Changes are those that make what Target says of in's members. They refer to members in the room and to those of in.
func (b *Buffer) Changes(in Input) ([]Change, error) {
	goal, err := b.writer.target(in)
	b.writer.input = Input{} // it is the caller's
	if err != nil {
		return nil, err
	}
	b.changes = appendDiff(b.changes[:0], State{Members: in.Members, Memberships: in.Memberships}, goal)
	return b.changes, nil
}
