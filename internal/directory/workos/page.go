package workos

import (
	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/fault"
)

// paging requests the largest pages, oldest entries first, so entries added during the read come last.
func paging(after string) sdk.PaginationParams {
	p := sdk.PaginationParams{Limit: sdk.Int(pageSize), Order: sdk.String(string(sdk.PaginationOrderAsc))}
	if after != "" {
		p.After = &after
	}
	return p
}

// cursorError is an error of a request with a cursor.
type cursorError struct{ error }

func (e cursorError) Unwrap() error { return e.error }

// pages passes each page of it to emit. from is the cursor that it was made with. after is the cursor of the next page,
// "" for the last one. A page is passed on once the next one arrived or failed, so every complete page is passed on
// even if an error follows. An empty list has no pages.
//
// The error is a cursorError if the request that failed had a cursor. It is nil only if the last page says that nothing follows.
func pages[T any](it *sdk.Iterator[T], from string, emit func(entries []*T, after string) error) error {
	var entries []*T
	var after *string // cursor of the page of entries
	seen := map[string]bool{from: true, "": true}
	for it.Next() {
		if cursor := it.Cursor(); len(entries) == 0 || cursor != after { // each page has its own pointer
			if len(entries) > 0 {
				if err := emit(entries, *after); err != nil {
					return err
				}
			}
			if cursor != nil {
				if seen[*cursor] {
					return responseError{fault.CursorRepeated}
				}
				seen[*cursor] = true
			}
			entries, after = nil, cursor
		}
		entries = append(entries, it.Current())
	}
	failed := it.Err()
	if failed != nil && (from != "" || len(entries) > 0) {
		failed = cursorError{failed}
	}
	if failed == nil && it.Cursor() != nil {
		failed = responseError{fault.EmptyPage}
	}
	if len(entries) == 0 {
		return failed
	}
	if failed == nil {
		return emit(entries, "")
	}
	if err := emit(entries, *after); err != nil {
		return err
	}
	return failed
}
