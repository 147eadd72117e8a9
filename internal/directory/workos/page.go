package workos

import (
	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/fault"
)

// paging asks for the longest pages, oldest entries first: what is added meanwhile comes at the end.
func paging(after string) sdk.PaginationParams {
	p := sdk.PaginationParams{Limit: sdk.Int(pageSize), Order: sdk.String(string(sdk.PaginationOrderAsc))}
	if after != "" {
		p.After = &after
	}
	return p
}

// pages hands over what it lists page by page; after is the cursor of the next page, "" with the last one, and from the
// cursor that it was made with. A page is handed over when the next one is there, or when that failed: so all that
// came whole is handed over, whatever the error. A list without entries hands over nothing.
//
// It ends without error only if the last page said that nothing follows.
func pages[T any](it *sdk.Iterator[T], from string, hand func(entries []*T, after string) error) error {
	var entries []*T
	var after *string // of the page that entries are of
	seen := map[string]bool{from: true, "": true}
	for it.Next() {
		if cursor := it.Cursor(); len(entries) == 0 || cursor != after { // another pointer is another page
			if len(entries) > 0 {
				if err := hand(entries, *after); err != nil {
					return err
				}
			}
			if cursor != nil {
				if seen[*cursor] {
					return broken{fault.CursorRepeated}
				}
				seen[*cursor] = true
			}
			entries, after = nil, cursor
		}
		entries = append(entries, it.Current())
	}
	failed := it.Err()
	if failed == nil && it.Cursor() != nil {
		failed = broken{fault.EmptyPage}
	}
	if len(entries) == 0 {
		return failed
	}
	if failed == nil {
		return hand(entries, "")
	}
	if err := hand(entries, *after); err != nil {
		return err
	}
	return failed
}
