package fault

import (
	"fmt"
	"time"
)

// HookRefused: an alert can't be delivered, and no other try helps. name is the alert's in tenants.yaml; why doesn't repeat its address.
func HookRefused(name, why string) *Fault {
	return &Fault{
		Kind: KindHookRefused, Actor: Operator,
		Detail: fmt.Sprintf("the alert %q can't be delivered: %s", name, why),
		Hint:   "Put its url and secret right under alerts in tenants.yaml, run `starter apply`, and try it by `starter alerts TENANT --test`.",
	}
}

// HookFailed: an alert was not delivered this time. after is what the receiver asked for; 0 when it didn't say.
func HookFailed(name, why string, after time.Duration) *Fault {
	return &Fault{
		Kind: KindHookFailed, Retry: true, After: after, Actor: Operator,
		Detail: fmt.Sprintf("the alert %q was not delivered: %s", name, why),
		Hint:   "It is tried again for a day. If it lasts, check its url under alerts in tenants.yaml, and the worker's way out (firewall, proxy).",
	}
}
