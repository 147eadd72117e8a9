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

// Groups reads the directory's groups and their members, starting at the cursor.
//
// It reads groups in the order of their ids, each with its users. The cursor names a group and a position among its
// users. Each attempt lists all groups again, so groups added or deleted between two attempts neither hide nor repeat
// another group. The next sync reads a group that was added before the cursor's position.
func (d *Directory) Groups(
	ctx context.Context, from directory.Cursor, first int, handle func(directory.Page) error,
) (directory.Sealed, error) {
	next, err := parseCursor(groupsAt, from)
	if err != nil {
		return directory.Sealed{}, err
	}
	if err := d.checkLinked(ctx); err != nil {
		return directory.Sealed{}, err
	}
	groups, err := d.listGroups(ctx)
	if err != nil {
		return directory.Sealed{}, err
	}
	for _, group := range groups {
		if group.Key < next.group || group.Key == next.group && next.done {
			continue
		}
		r := groupReader{directory: d, group: group, next: first, handle: handle}
		if group.Key == next.group {
			r.from, r.announced = next.after, next.after != ""
		}
		if err := r.read(ctx); err != nil {
			return directory.Sealed{}, err
		}
		first = r.next
	}
	if err := d.checkLinked(ctx); err != nil {
		return directory.Sealed{}, err
	}
	return directory.Seal(first - 1), nil
}

// listGroups returns all groups in the order of their ids, without duplicates.
func (d *Directory) listGroups(ctx context.Context) ([]directory.Group, error) {
	var groups []directory.Group
	params := &sdk.DirectorySyncListGroupsParams{PaginationParams: paging(""), Directory: &d.id}
	err := pages(d.client.ListGroups(ctx, params), "", func(page []*sdk.DirectoryGroup, _ string) error {
		for _, group := range page {
			if unreadable(group.ID, group.DirectoryID) {
				groups = append(groups, directory.Group{}) // may be any group
				continue
			}
			if err := d.checkDirectory(group.DirectoryID); err != nil {
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
		return nil, toFault(ctx, groupsAt, err)
	}
	slices.SortStableFunc(groups, func(a, b directory.Group) int { return cmp.Compare(a.Key, b.Key) })
	return slices.CompactFunc(groups, func(a, b directory.Group) bool { return a.Key == b.Key }), nil
}

// groupReader reads the users of one group.
type groupReader struct {
	directory *Directory
	group     directory.Group
	from      string // WorkOS's cursor among the group's users
	announced bool   // an earlier page has the group
	next      int    // number of the next group
	handle    func(directory.Page) error
}

func (r *groupReader) read(ctx context.Context) error {
	var err error
	if r.group.Key != "" {
		params := &sdk.DirectorySyncListUsersParams{PaginationParams: paging(r.from), Group: &r.group.Key}
		err = pages(r.directory.client.ListUsers(ctx, params), r.from, r.emit)
	}
	if err == nil && !r.announced {
		err = r.emit(nil, "")
	}
	if err == nil {
		return nil
	}
	failed := toFault(ctx, membershipsAt, err)
	if isNotFound(err) {
		return r.unlessDeleted(ctx, failed)
	}
	return failed
}

// unlessDeleted returns failed unless the group was deleted after it was listed. A deleted group has no users. The next
// sync removes it if it was read before.
func (r *groupReader) unlessDeleted(ctx context.Context, failed error) error {
	_, err := r.directory.client.GetGroup(ctx, r.group.Key)
	switch {
	case err == nil:
		return failed
	case isNotFound(err):
		return nil
	}
	return toFault(ctx, groupsAt, err)
}

func isNotFound(err error) bool {
	var reply *sdk.APIError
	return errors.As(err, &reply) && reply.StatusCode == http.StatusNotFound
}

// emit passes on one page of the group's users. The first page also has the group.
func (r *groupReader) emit(users []*sdk.DirectoryUserWithGroups, after string) error {
	page := directory.Page{First: r.next, Next: position{group: r.group.Key, after: after, done: after == ""}.cursor()}
	for _, user := range users {
		if unreadable(user.ID, user.DirectoryID) {
			return malformed("a user of a group can't be read")
		}
		if err := r.directory.checkDirectory(user.DirectoryID); err != nil {
			return err
		}
		page.Memberships = append(
			page.Memberships, directory.Membership{Group: r.group.Key, User: user.IdpID, Email: primaryEmail(user)},
		)
	}
	if !r.announced {
		r.group.Row, r.announced = r.next, true
		page.Groups = []directory.Group{r.group}
		r.next++
	}
	return handlerErr(r.handle(page))
}
