package workos

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
)

// Groups reads the directory's groups and who is in them, from the cursor on.
//
// Groups are read in the order of their ids, each with its users: the cursor names a group and a place among its users,
// and the list of groups is read anew at the beginning of each attempt. So a group that comes or goes between two attempts
// neither hides another nor shows one twice: one that came before the cursor's place is seen by the next sync.
func (d *Directory) Groups(ctx context.Context, from directory.Cursor, first int, keep func(directory.Page) error) (directory.Sealed, error) {
	next, err := parsePlace(groupsAt, from)
	if err != nil {
		return directory.Sealed{}, err
	}
	if err := d.linked(ctx); err != nil {
		return directory.Sealed{}, err
	}
	groups, err := d.list(ctx)
	if err != nil {
		return directory.Sealed{}, err
	}
	for _, group := range groups {
		if group.Key < next.group || group.Key == next.group && next.end {
			continue
		}
		r := reader{directory: d, group: group, next: first, keep: keep}
		if group.Key == next.group {
			r.from, r.told = next.after, next.after != ""
		}
		if err := r.read(ctx); err != nil {
			return directory.Sealed{}, err
		}
		first = r.next
	}
	if err := d.linked(ctx); err != nil {
		return directory.Sealed{}, err
	}
	return directory.Seal(first - 1), nil
}

// list is all groups in the order of their ids, each once.
func (d *Directory) list(ctx context.Context) ([]directory.Group, error) {
	var groups []directory.Group
	params := &sdk.DirectorySyncListGroupsParams{PaginationParams: paging(""), Directory: &d.id}
	err := pages(d.client.ListGroups(ctx, params), "", func(page []*sdk.DirectoryGroup, _ string) error {
		for _, group := range page {
			if err := d.ours(group.DirectoryID); err != nil {
				return err
			}
			if group.ID == "" {
				return malformed("a group has no id")
			}
			groups = append(groups, directory.Group{Key: group.ID, Name: roster.NormalText(group.Name)})
		}
		return nil
	})
	if err != nil {
		return nil, why(ctx, groupsAt, "", err)
	}
	slices.SortStableFunc(groups, func(a, b directory.Group) int { return cmp.Compare(a.Key, b.Key) })
	return slices.CompactFunc(groups, func(a, b directory.Group) bool { return a.Key == b.Key }), nil
}

// reader reads the users of one group.
type reader struct {
	directory *Directory
	group     directory.Group
	from      string // cursor among the group's users
	told      bool   // the group itself has been handed over
	next      int    // number of the next group handed over
	keep      func(directory.Page) error
}

func (r *reader) read(ctx context.Context) error {
	params := &sdk.DirectorySyncListUsersParams{PaginationParams: paging(r.from), Group: &r.group.Key}
	err := pages(r.directory.client.ListUsers(ctx, params), r.from, r.hand)
	if err == nil && !r.told {
		err = r.hand(nil, "")
	}
	if err == nil {
		return nil
	}
	failed := why(ctx, membershipsAt, r.from, err)
	if isNotFound(err) {
		return r.gone(ctx, failed)
	}
	return failed
}

// gone asks whether the group was deleted since it was listed. Then there is nothing to read of it: it is left out, or,
// when it was handed over, the next sync removes it. Else otherwise stands.
func (r *reader) gone(ctx context.Context, otherwise error) error {
	_, err := r.directory.client.GetGroup(ctx, r.group.Key)
	switch {
	case err == nil:
		return otherwise
	case isNotFound(err):
		return nil
	}
	return why(ctx, groupsAt, "", err)
}

func isNotFound(err error) bool {
	var reply *sdk.APIError
	return errors.As(err, &reply) && reply.StatusCode == http.StatusNotFound
}

// hand hands over one page of the group's users, the first one with the group itself.
func (r *reader) hand(users []*sdk.DirectoryUserWithGroups, after string) error {
	page := directory.Page{First: r.next, Next: place{group: r.group.Key, after: after, end: after == ""}.cursor()}
	for _, user := range users {
		if err := r.directory.ours(user.DirectoryID); err != nil {
			return err
		}
		page.Memberships = append(page.Memberships, directory.Membership{Group: r.group.Key, User: user.IdpID, Email: primaryEmail(user)})
	}
	if !r.told {
		r.group.Row, r.told = r.next, true
		page.Groups = []directory.Group{r.group}
		r.next++
	}
	return kept(r.keep(page))
}
