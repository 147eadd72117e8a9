package workos

import (
	"fmt"

	"github.com/go-json-experiment/json"
	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/directory"
)

// row returns a user as one flat object of WorkOS's standard attributes (API reference, "Directory user") and the
// customer's custom attributes. Keys are sorted and empty values omitted. WorkOS's ids, times, raw attributes, roles
// and groups are left out. So the row changes only if the person's data changes.
//
// A custom attribute with the name of a standard attribute becomes custom_<name> if its value differs. For job_title
// and username the custom attribute wins, because WorkOS deprecated the standard ones.
func row(user *sdk.DirectoryUserWithGroups) (directory.Row, error) {
	cells := map[string]any{}
	put := func(name string, value any) {
		if nonEmpty(value) {
			cells[name] = value
		}
	}
	put("job_title", deref(user.JobTitle)) //nolint:staticcheck // deprecated, but older directories have nothing else
	put("username", deref(user.Username))  //nolint:staticcheck // likewise
	for name, value := range user.CustomAttributes {
		put(name, value)
	}
	for name, value := range map[string]string{
		"idp_id": user.IdpID, "email": primaryEmail(user), "first_name": deref(user.FirstName),
		"last_name": deref(user.LastName),
		"name":      deref(user.Name), "state": userState(user.State),
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

func deref(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func nonEmpty(value any) bool {
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

// userState maps suspended to inactive. WorkOS merged the two in 2023 (changelog, "Directory Sync user state
// consolidation"), but older directories may still send suspended.
func userState(s sdk.DirectoryUserState) string {
	if s == sdk.DirectoryUserStateSuspended {
		return string(sdk.DirectoryUserStateInactive)
	}
	return string(s)
}

// primaryEmail returns the user's email, or else the primary or only email of the user's list. The list is a field in
// older directories and a custom attribute in newer ones.
func primaryEmail(user *sdk.DirectoryUserWithGroups) string {
	if email := deref(user.Email); email != "" {
		return email
	}
	older := user.Emails //nolint:staticcheck // deprecated, but older directories have nothing else
	for _, email := range older {
		if value := deref(email.Value); value != "" && (len(older) == 1 || email.Primary != nil && *email.Primary) {
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
