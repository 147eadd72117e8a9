package workos

import (
	"net/url"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
)

// place is what a Cursor says; the zero place is the beginning. It is made of WorkOS's ids and cursors only.
type place struct {
	group string // in a read of groups: the group whose users are read
	after string // WorkOS's cursor; "" is the first page
	end   bool   // all was read: of the directory's users, or of the group's
}

func (p place) cursor() directory.Cursor {
	values := url.Values{}
	for name, value := range map[string]string{"group": p.group, "after": p.after} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if p.end {
		values.Set("end", "1")
	}
	return directory.Cursor(values.Encode())
}

// parsePlace reads a Cursor. One that isn't of this adapter's making is refused.
func parsePlace(at fault.At, cursor directory.Cursor) (place, error) {
	values, err := url.ParseQuery(string(cursor))
	p := place{group: values.Get("group"), after: values.Get("after"), end: values.Has("end")}
	if err != nil || p.cursor() != cursor {
		return place{}, fault.CursorRefused(at)
	}
	return p, nil
}
