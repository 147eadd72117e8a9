package fault

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// At says where at a source something went wrong, in words that an operator knows.
type At struct {
	Source     string // "Workday" or "WorkOS"
	Part       string // what was asked for, as "the user report"
	Credential string // what was shown to get it, as "the integration system user's name and password"
	Check      string // where the customer looks when access is refused
}

// AddressRefused: an address that Rollcall doesn't send credentials to. why names the rule, not the address.
func AddressRefused(at At, why string) *Fault {
	return &Fault{
		Kind: KindAddressRefused, Actor: Operator,
		Detail: fmt.Sprintf("the address of %s was not used: %s", at.Part, why),
		Hint: "Correct the address in tenants.yaml; it starts with https://, holds no user name or password, and its host " +
			"is on the list of allowed hosts (which the worker's settings can lengthen).",
	}
}

// RedirectRefused: the source pointed to somewhere credentials must not follow. why names the rule, not the place.
func RedirectRefused(at At, why string) *Fault {
	return &Fault{
		Kind: KindRedirectRefused, Actor: Operator,
		Detail: fmt.Sprintf("%s redirected the request for %s, and it was not followed: %s", at.Source, at.Part, why),
		Hint: "A redirect often leads to a login or maintenance page: open the address in a browser to see where it goes. " +
			"If the report has really moved, put its new address into tenants.yaml.",
	}
}

// CredentialsRefused: 401. Not retried: an account can be locked by retries.
func CredentialsRefused(at At) *Fault {
	return &Fault{
		Kind: KindCredentialsRefused, Actor: Customer,
		Detail: fmt.Sprintf("%s refused %s (status 401) for %s", at.Source, at.Credential, at.Part),
		Hint:   "Check " + at.Credential + ": is it right, expired, locked or replaced? Then run `starter apply` with the new one. " + at.Check,
	}
}

// AccessForbidden: 403. Not retried either.
func AccessForbidden(at At) *Fault {
	return &Fault{
		Kind: KindAccessForbidden, Actor: Customer,
		Detail: fmt.Sprintf("%s accepts %s but doesn't allow it to read %s (status 403)", at.Source, at.Credential, at.Part),
		Hint:   at.Check,
	}
}

// NotFound: 404.
func NotFound(at At) *Fault {
	return &Fault{
		Kind: KindNotFound, Actor: Customer,
		Detail: fmt.Sprintf("%s knows nothing at the address of %s (status 404)", at.Source, at.Part),
		Hint:   "Check in tenants.yaml whether the address or id is right, and at " + at.Source + " whether it was renamed, deleted or given to another owner.",
	}
}

// TaskNotAuthorized: Workday's "The task submitted is not authorized", which it sends with status 200, 403 or 500.
func TaskNotAuthorized(at At) *Fault {
	return &Fault{
		Kind: KindTaskNotAuthorized, Actor: Customer,
		Detail: fmt.Sprintf("%s answered that the task submitted is not authorized for %s", at.Source, at.Part),
		Hint: "In Workday: share the report with the integration system user (report's actions, Share), see that it is enabled as a web " +
			"service, and give the user's security group Get access to the report's domains; then activate pending security policy changes.",
	}
}

// RequestRefused: any other answer from 400 to 499, and those from 300 to 399 that are no redirect.
func RequestRefused(at At, status int) *Fault {
	return &Fault{
		Kind: KindRequestRefused, Actor: Operator,
		Detail: fmt.Sprintf("%s refused the request for %s (status %s)", at.Source, at.Part, statusText(status)),
		Hint:   "Compare the address or id in tenants.yaml with the one shown at " + at.Source + "; prompts of a report need default values.",
	}
}

// RateLimited: 429. after is what the source asked for; 0 when it didn't say.
func RateLimited(at At, after time.Duration) *Fault {
	return &Fault{
		Kind: KindRateLimited, Retry: true, After: after, Actor: Nobody,
		Detail: fmt.Sprintf("%s asks for fewer requests (status 429) for %s", at.Source, at.Part),
		Hint:   "It is tried again by itself. If it happens often, see what else uses the same credential, and space out the schedules.",
	}
}

// ServerError: 500 to 599. after is what the source asked for; 0 when it didn't say.
func ServerError(at At, status int, after time.Duration) *Fault {
	return &Fault{
		Kind: KindServerError, Retry: true, After: after, Actor: Nobody,
		Detail: fmt.Sprintf("%s failed to produce %s (status %s)", at.Source, at.Part, statusText(status)),
		Hint:   "It is tried again by itself. If it lasts, look at " + at.Source + "'s status page, and run the report by hand to see its error.",
	}
}

// HostUnresolved: no address is known for the host.
func HostUnresolved(at At, cause error) *Fault {
	return &Fault{
		Kind: KindHostUnresolved, Retry: true, Actor: Operator, Cause: cause,
		Detail: fmt.Sprintf("the host name of %s can't be resolved", at.Part),
		Hint:   "Check the host in the address for a misspelling, and the name servers of the machine that the worker runs on.",
	}
}

// Unreachable: no connection within the time, or refused.
func Unreachable(at At, cause error) *Fault {
	return &Fault{
		Kind: KindUnreachable, Retry: true, Actor: Operator, Cause: cause,
		Detail: fmt.Sprintf("no connection to %s for %s", at.Source, at.Part),
		Hint:   "It is tried again by itself. If it lasts, check the worker's way out (firewall, proxy) and " + at.Source + "'s status page.",
	}
}

// TLSFailed: the other side could not prove who it is.
func TLSFailed(at At, cause error) *Fault {
	return &Fault{
		Kind: KindTLSFailed, Actor: Operator, Cause: cause,
		Detail: fmt.Sprintf("the TLS connection to %s for %s could not be trusted", at.Source, at.Part),
		Hint:   "Check the certificate at that host, the clock and the root certificates of the worker's machine, and proxies in between.",
	}
}

// ConnectionLost: an open connection broke.
func ConnectionLost(at At, cause error) *Fault {
	return &Fault{
		Kind: KindConnectionLost, Retry: true, Actor: Nobody, Cause: cause,
		Detail: fmt.Sprintf("the connection to %s broke while reading %s", at.Source, at.Part),
		Hint:   "It is tried again by itself. If it lasts, look for a proxy or firewall that closes long connections.",
	}
}

// FirstByteTimeout: the source accepted the request and then sent nothing.
func FirstByteTimeout(at At, waited time.Duration) *Fault {
	return &Fault{
		Kind: KindFirstByteTimeout, Retry: true, Actor: Customer,
		Detail: fmt.Sprintf("%s sent nothing of %s within %s", at.Source, at.Part, waited),
		Hint:   "Make the report faster: fewer calculated fields, a filter on active workers, an indexed data source; or run it at a quieter hour.",
	}
}

// IdleTimeout: the source began to send and then paused for too long.
func IdleTimeout(at At, waited time.Duration) *Fault {
	return &Fault{
		Kind: KindIdleTimeout, Retry: true, Actor: Nobody,
		Detail: fmt.Sprintf("%s paused for more than %s in the middle of %s", at.Source, waited, at.Part),
		Hint:   "It is tried again by itself. If it lasts, look for a proxy in between, and at " + at.Source + "'s status page.",
	}
}

// statusText is a status with its usual name, and never the text that came with it.
func statusText(status int) string {
	if name := http.StatusText(status); name != "" {
		return fmt.Sprintf("%d %s", status, name)
	}
	return strconv.Itoa(status)
}
