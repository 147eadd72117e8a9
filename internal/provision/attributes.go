package provision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/workflows"
)

// attributeTypes maps names of search attributes to their types.
type attributeTypes map[string]enumspb.IndexedValueType

// attributes returns the search attributes that workflows set. A workflow fails in its first task if one is missing.
func attributes() attributeTypes {
	return attributeTypes{
		workflows.TenantAttribute:   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.OutcomeAttribute:  enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.ChangesAttribute:  enumspb.INDEXED_VALUE_TYPE_INT,
		workflows.RemovalsAttribute: enumspb.INDEXED_VALUE_TYPE_INT,
		workflows.IssuesAttribute:   enumspb.INDEXED_VALUE_TYPE_INT,
		workflows.HeldAttribute:     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	}
}

// attributesTimeout limits the wait until new attributes are usable.
const attributesTimeout = 30 * time.Second

// SearchAttributes registers the search attributes that the namespace lacks, waits until they are usable, and returns
// their names, sorted. If an attribute exists with another type, it registers nothing and returns an error. If the
// server refuses, the error contains the commands that register the attributes.
func SearchAttributes(ctx context.Context, c client.Client, namespace string) ([]string, error) {
	add, err := missingAttributes(ctx, c, namespace)
	if err != nil || len(add) == 0 {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(add))
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: add,
	})
	var exists *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &exists) { // another apply may have registered them
		return nil, refusedAttributes(names, add, err)
	}
	ctx, cancel := context.WithTimeout(ctx, attributesTimeout)
	defer cancel()
	for {
		rest, err := missingAttributes(ctx, c, namespace)
		if err == nil && len(rest) == 0 {
			return names, nil
		}
		select {
		case <-ctx.Done():
			return names, errors.New("search attributes: registered, but not usable yet. " +
				"Run `starter apply` again in a minute")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// missingAttributes returns the attributes that the namespace lacks.
func missingAttributes(ctx context.Context, c client.Client, namespace string) (attributeTypes, error) {
	known, err := knownAttributes(ctx, c, namespace)
	if err != nil {
		return nil, err
	}
	add := attributes()
	for name, kind := range attributes() {
		switch has, ok := known[name]; {
		case !ok:
		case has != kind:
			return nil, fmt.Errorf("search attributes: %s has type %s and must have %s: remove it with "+
				"`temporal operator search-attribute remove --name %s` and apply again", name, has, kind, name)
		default:
			delete(add, name)
		}
	}
	return add, nil
}

// knownAttributes returns the search attributes of the namespace. Temporal Cloud denies the operator service, but its
// public list has the same names.
func knownAttributes(ctx context.Context, c client.Client, namespace string) (attributeTypes, error) {
	ask := &operatorservice.ListSearchAttributesRequest{Namespace: namespace}
	list, err := c.OperatorService().ListSearchAttributes(ctx, ask)
	if err == nil {
		return list.GetCustomAttributes(), nil
	}
	public, err2 := c.GetSearchAttributes(ctx)
	if err2 != nil {
		return nil, fmt.Errorf("search attributes: list those of the namespace: %w", err)
	}
	return public.GetKeys(), nil
}

// refusedAttributes returns the error for a server that refuses to register attributes, with the commands to run.
func refusedAttributes(names []string, add attributeTypes, err error) error {
	var by strings.Builder
	for _, name := range names {
		fmt.Fprintf(&by, "\n  temporal operator search-attribute create --name %s --type %s", name, add[name])
	}
	return fmt.Errorf("search attributes: the server refuses to register them: %w\n"+
		"A person with the permission must register them once (in Temporal Cloud: tcld, or the namespace's page); "+
		"nothing was changed:%s", err, by.String())
}
