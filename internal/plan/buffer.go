package plan

// Room is memory in which changes are worked out of one batch after the other: each takes the place of the one before.
type Buffer struct {
	writer  writer
	changes []Change
}

// Changes are those that make what Target says of in's members. They refer to members in the room and to those of in.
func (room *Buffer) Changes(in Input) ([]Change, error) {
	goal, err := room.writer.target(in)
	room.writer.in = Input{} // it is the caller's
	if err != nil {
		return nil, err
	}
	room.changes = appendDiff(room.changes[:0], State{Members: in.Members, Memberships: in.Memberships}, goal)
	return room.changes, nil
}
