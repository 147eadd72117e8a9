package fault

import (
	"fmt"
	"time"
)

// HookRefused is for an alert that can't be delivered, where a retry can't help. name is the alert's name in
// tenants.yaml. why must not contain its URL.
func HookRefused(name, why string) *Fault {
	return &Fault{
		Kind: KindHookRefused, Actor: Operator,
		Detail: fmt.Sprintf("the alert %q can't be delivered: %s", name, why),
		Hint: "Correct its url and secret under alerts in tenants.yaml, run `starter apply`, and try it by " +
			"`starter alerts TENANT --test`.",
	}
}

// HookFailed is for an alert that was not delivered this time. after is the delay that the receiver asked for, or 0.
func HookFailed(name, why string, after time.Duration) *Fault {
	return &Fault{
		Kind: KindHookFailed, Retry: true, After: after, Actor: Operator,
		Detail: fmt.Sprintf("the alert %q was not delivered: %s", name, why),
		Hint: "Rollcall retries it for a day. If it lasts, check its url under alerts in tenants.yaml, and the " +
			"worker's way out (firewall, proxy).",
	}
}
