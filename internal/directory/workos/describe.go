package workos

import (
	"context"

	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
)

var _ directory.Describer = (*Directory)(nil)

// Describe returns the directory's type and state. A directory that isn't linked is a fault.
func (d *Directory) Describe(ctx context.Context) (directory.Description, error) {
	found, err := d.client.Get(ctx, d.id)
	if err != nil {
		return directory.Description{}, toFault(ctx, directoryAt, err)
	}
	if found.ID != d.id {
		return directory.Description{}, fault.PageMalformed(directoryAt, "it describes another directory")
	}
	about := directory.Description{Type: string(found.Type), State: string(found.State)}
	switch found.State {
	case sdk.DirectoryStateLinked:
		return about, nil
	case sdk.DirectoryStateValidating, sdk.DirectoryStateInvalidCredentials, sdk.DirectoryStateUnlinked,
		sdk.DirectoryStateDeleting:
		return about, fault.DirectoryNotLinked(directoryAt, about.State)
	}
	about.State = "unknown" // an unknown state may be any text
	return about, fault.DirectoryNotLinked(directoryAt, "in a state that Rollcall doesn't know")
}

func (d *Directory) checkLinked(ctx context.Context) error {
	_, err := d.Describe(ctx)
	return err
}
