package plan

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/rollcall/rollcall/internal/roster"
)

// digest identifies a set of changes, each by hashOf or valueHash. It is a sum of hashes, so the order of changes doesn't matter, and the same removals of the same members have the same digest
// in every plan. The zero digest stands for no changes.
type digest roster.Hash

func (d *digest) add(hash roster.Hash) { *d = digest(roster.Hash(*d).Plus(hash)) }

// hashOf identifies a change by member, group, verb and the member's version before it.
func hashOf(c Change) roster.Hash {
	text := make([]byte, 0, 64)
	text = append(text, c.Member[:]...)
	text = append(text, c.Group[:]...)
	var version int64
	if c.Before != nil {
		version = c.Before.Version
	}
	text = binary.BigEndian.AppendUint64(text, uint64(version)) //nolint:gosec // a bit pattern to be hashed
	text = append(text, c.Verb...)
	return roster.HashBytes(text)
}

// valueHash identifies a change by the person, the verb and the values after it. Newcomers have another member id in
// every plan, and a value that changes once more is another decision.
func valueHash(c Change) roster.Hash {
	m := c.After
	who := m.ExternalID
	if who == "" {
		who = m.Values[roster.Email]
	}
	texts := append([]string{string(c.Verb), who, m.ExternalKind, m.ExternalID}, m.Values[:roster.Custom]...)
	if custom := m.Values[roster.Custom]; custom != "" { // else the hash is that of a release without custom fields
		texts = append(texts, custom)
	}
	return roster.HashTexts(texts...)
}

// String returns the digest in hex, or "" for no changes.
func (d digest) String() string {
	if d == (digest{}) {
		return ""
	}
	return hex.EncodeToString(d[:])
}
