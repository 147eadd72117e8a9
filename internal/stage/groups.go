package stage

import (
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// GroupsChunk is a page of groups, of their memberships, or of both.
type GroupsChunk struct {
	Groups      []directory.Group
	Memberships []directory.Membership
}

// GroupsSummary seals ledger.StageGroups.
type GroupsSummary struct {
	Groups      int         `json:"groups"`
	Memberships int         `json:"memberships"`
	Digest      roster.Hash `json:"digest"`
}

// The fields of a chunk of groups.
const (
	groupsGroups      = 1
	groupsMemberships = 2
)

// The fields of a group of the directory.
const (
	groupRow  = 1
	groupKey  = 2
	groupName = 3
)

// The fields of a membership. An absent group is that of the membership before.
const (
	membershipGroup = 1
	membershipUser  = 2
	membershipEmail = 3
)

// Pack implements wire.Packed.
func (c *GroupsChunk) Pack(w *wire.Writer) {
	w.ListField(groupsGroups, len(c.Groups))
	for _, group := range c.Groups {
		w.Item()
		w.IntField(groupRow, int64(group.Row))
		w.TextField(groupKey, group.Key)
		w.TextField(groupName, group.Name)
		w.End()
	}
	w.End()
	w.ListField(groupsMemberships, len(c.Memberships))
	group := ""
	for _, m := range c.Memberships {
		w.Item()
		if m.Group != group {
			group = m.Group
			w.TextField(membershipGroup, group)
		}
		w.TextField(membershipUser, m.User)
		w.TextField(membershipEmail, m.Email)
		w.End()
	}
	w.End()
	w.End()
}

// Unpack implements wire.Unpacked.
func (c *GroupsChunk) Unpack(r *wire.Reader) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case groupsGroups:
			c.Groups = make([]directory.Group, 0, r.List())
			for r.Item() {
				c.Groups = append(c.Groups, unpackGroup(r))
			}
		case groupsMemberships:
			c.Memberships = make([]directory.Membership, 0, r.List())
			group := ""
			for r.Item() {
				m := unpackMembership(r, group)
				c.Memberships, group = append(c.Memberships, m), m.Group
			}
		default:
			r.Skip()
		}
	}
}

func unpackGroup(r *wire.Reader) (group directory.Group) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case groupRow:
			group.Row = int(r.Int())
		case groupKey:
			group.Key = r.Text()
		case groupName:
			group.Name = r.Text()
		default:
			r.Skip()
		}
	}
	return group
}

func unpackMembership(r *wire.Reader, group string) directory.Membership {
	m := directory.Membership{Group: group}
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case membershipGroup:
			m.Group = r.Text()
		case membershipUser:
			m.User = r.Text()
		case membershipEmail:
			m.Email = r.Text()
		default:
			r.Skip()
		}
	}
	return m
}
