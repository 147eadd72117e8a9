package main

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

// attributes are the search attributes that workflows set. Without them their first task fails.
func attributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		workflows.TenantAttribute:   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.OutcomeAttribute:  enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.ChangesAttribute:  enumspb.INDEXED_VALUE_TYPE_INT,
		workflows.RemovalsAttribute: enumspb.INDEXED_VALUE_TYPE_INT,
		workflows.IssuesAttribute:   enumspb.INDEXED_VALUE_TYPE_INT,
		workflows.HeldAttribute:     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	}
}

// attributesPatience is how long new attributes may take until the whole server knows them.
const attributesPatience = 30 * time.Second

// putAttributes registers the search attributes that are missing, waits until they can be used, and says which they were.
func putAttributes(ctx context.Context, c client.Client, namespace string) ([]string, error) {
	add, err := missingAttributes(ctx, c, namespace)
	if err != nil || len(add) == 0 {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(add))
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: add,
	})
	var exists *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &exists) { // another apply may have been quicker
		return nil, refusedAttributes(names, add, err)
	}
	ctx, cancel := context.WithTimeout(ctx, attributesPatience)
	defer cancel()
	for {
		left, err := missingAttributes(ctx, c, namespace)
		if err == nil && len(left) == 0 {
			return names, nil
		}
		select {
		case <-ctx.Done():
			return names, errors.New("search attributes: registered, but the server doesn't know them yet: run `starter apply` again in a minute")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// missingAttributes are those that the namespace doesn't have.
func missingAttributes(ctx context.Context, c client.Client, namespace string) (map[string]enumspb.IndexedValueType, error) {
	there, err := knownAttributes(ctx, c, namespace)
	if err != nil {
		return nil, err
	}
	add := attributes()
	for name, kind := range attributes() {
		switch has, ok := there[name]; {
		case !ok:
		case has != kind:
			return nil, fmt.Errorf("search attributes: %s is there as %s and must be %s: remove it with "+
				"`temporal operator search-attribute remove --name %s` and apply again", name, has, kind, name)
		default:
			delete(add, name)
		}
	}
	return add, nil
}

// knownAttributes are the namespace's search attributes. The operator's list has them by the names that they go by; where
// it isn't for us (Temporal Cloud), everybody's list has.
func knownAttributes(ctx context.Context, c client.Client, namespace string) (map[string]enumspb.IndexedValueType, error) {
	list, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err == nil {
		return list.GetCustomAttributes(), nil
	}
	everybody, other := c.GetSearchAttributes(ctx)
	if other != nil {
		return nil, fmt.Errorf("search attributes: ask for those that there are: %w", err)
	}
	return everybody.GetKeys(), nil
}

// refusedAttributes says what to do where the server doesn't let us.
func refusedAttributes(names []string, add map[string]enumspb.IndexedValueType, err error) error {
	var by strings.Builder
	for _, name := range names {
		fmt.Fprintf(&by, "\n  temporal operator search-attribute create --name %s --type %s", name, add[name])
	}
	return fmt.Errorf("search attributes: the server refuses to register them: %w\n"+
		"Somebody who may has to do it once (in Temporal Cloud: tcld, or the namespace's page); nothing was changed:%s", err, by.String())
}
