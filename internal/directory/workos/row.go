package workos

import (
	"fmt"

	"github.com/go-json-experiment/json"
	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/directory"
)

// row is a user as one flat object: what WorkOS knows of everybody under its own names (API reference, "Directory
// user"), and the customer's custom attributes beside it. Its keys are in order and empty values left out, so that it
// changes only when something about the person does: ids of WorkOS, times, raw attributes, roles in our product and the
// groups are not in it.
//
// A custom attribute called like one of WorkOS's own is kept as custom_<name> where it differs; but job title and user
// name are custom attributes today and WorkOS's own only by tradition, so there the custom attribute counts.
func row(user *sdk.DirectoryUserWithGroups) (directory.Row, error) {
	cells := map[string]any{}
	put := func(name string, value any) {
		if filled(value) {
			cells[name] = value
		}
	}
	put("job_title", text(user.JobTitle)) //nolint:staticcheck // deprecated, and all there is in older directories
	put("username", text(user.Username))  //nolint:staticcheck // likewise
	for name, value := range user.CustomAttributes {
		put(name, value)
	}
	for name, value := range map[string]string{
		"idp_id": user.IdpID, "email": primaryEmail(user), "first_name": text(user.FirstName), "last_name": text(user.LastName),
		"name": text(user.Name), "state": state(user.State),
	} {
		if custom, taken := cells[name]; taken && value != "" && custom != value {
			put("custom_"+name, custom)
		}
		put(name, value)
	}
	raw, err := json.Marshal(cells, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode a user: %w", err)
	}
	return raw, nil
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func filled(value any) bool {
	switch value := value.(type) {
	case nil:
		return false
	case string:
		return value != ""
	case []any:
		return len(value) > 0
	case map[string]any:
		return len(value) > 0
	}
	return true
}

// state is the user's state. WorkOS made suspended and inactive one in 2023 (changelog, "Directory Sync user state
// consolidation"); older directories may still say suspended.
func state(s sdk.DirectoryUserState) string {
	if s == sdk.DirectoryUserStateSuspended {
		return string(sdk.DirectoryUserStateInactive)
	}
	return string(s)
}

// primaryEmail is the user's email; of older directories, which have a list only, the primary one or the only one. In
// newer ones the list is a custom attribute.
func primaryEmail(user *sdk.DirectoryUserWithGroups) string {
	if email := text(user.Email); email != "" {
		return email
	}
	older := user.Emails //nolint:staticcheck // deprecated, and all there is in older directories
	for _, email := range older {
		if value := text(email.Value); value != "" && (len(older) == 1 || email.Primary != nil && *email.Primary) {
			return value
		}
	}
	list, _ := user.CustomAttributes["emails"].([]any)
	for _, entry := range list {
		email, _ := entry.(map[string]any)
		primary, _ := email["primary"].(bool)
		if value, _ := email["value"].(string); value != "" && (len(list) == 1 || primary) {
			return value
		}
	}
	return ""
}
