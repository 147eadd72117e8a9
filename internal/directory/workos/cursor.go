package workos

import (
	"net/url"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
)

// position is the content of a Cursor. The zero position is the beginning. It holds only ids and cursors of WorkOS.
type position struct {
	group string // when reading groups: the group whose users are being read
	after string // WorkOS's cursor; "" is the first page
	done  bool   // all users of the directory or of the group were read
}

func (p position) cursor() directory.Cursor {
	values := url.Values{}
	for name, value := range map[string]string{"group": p.group, "after": p.after} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if p.done {
		values.Set("end", "1")
	}
	return directory.Cursor(values.Encode())
}

// parseCursor parses a Cursor. It refuses one that this adapter didn't make.
func parseCursor(at fault.At, cursor directory.Cursor) (position, error) {
	values, err := url.ParseQuery(string(cursor))
	p := position{group: values.Get("group"), after: values.Get("after"), done: values.Has("end")}
	if err != nil || p.cursor() != cursor {
		return position{}, fault.CursorRefused(at)
	}
	return p, nil
}
