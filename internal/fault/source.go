package fault

import (
	"fmt"
	"time"
)

// At describes the part of a source that failed, in an operator's terms. The advice is in whole sentences, except
// Failure.
type At struct {
	Source     string // "Workday" or "WorkOS"
	Part       string // what was requested, such as "the user report"
	Credential string // what was sent to get it, such as "the integration system user's name and password"
	Check      string // what the customer should check when access is refused
	Row        string // what to check when a row breaks the rules of JSON
	Format     string // what to check when something else than JSON comes
	Address    string // what to check when nothing is at the address, or the request is refused
	Failure    string // how to see why the source fails, as in "run the report by hand"
	Empty      string // what to check when nobody is listed
}

// AddressRefused is for an address to which credentials must not be sent. why names the rule, not the address.
func AddressRefused(at At, why string) *Fault {
	return &Fault{
		Kind: KindAddressRefused, Actor: Operator,
		Detail: fmt.Sprintf("the address of %s was not used: %s", at.Part, why),
		Hint: "Correct the address in tenants.yaml; it starts with https://, holds no user name or password, and " +
			"its host is on the list of allowed hosts (which the worker's settings can lengthen).",
	}
}

// RedirectRefused is for a redirect to an address to which credentials must not be sent. why names the rule, not the
// address.
func RedirectRefused(at At, why string) *Fault {
	return &Fault{
		Kind: KindRedirectRefused, Actor: Operator,
		Detail: fmt.Sprintf("%s redirected the request for %s, and it was not followed: %s", at.Source, at.Part, why),
		Hint: "A redirect often leads to a login or maintenance page: open the address in a browser to see where it " +
			"goes. If it has really moved, put the new address into tenants.yaml.",
	}
}

// CredentialsRefused is for status 401. It is not retried, because retries can lock an account.
func CredentialsRefused(at At) *Fault {
	return &Fault{
		Kind: KindCredentialsRefused, Actor: Customer,
		Detail: fmt.Sprintf("%s refused %s (status 401) for %s", at.Source, at.Credential, at.Part),
		Hint: "Check " + at.Credential + ": is it right, expired, locked or replaced? Then run `starter apply` " +
			"with the new one. " + at.Check,
	}
}

// tokenHint says what to do about the error codes by which a token endpoint refuses an API client (RFC 6749, section 5.2).
func tokenHint(code string) string {
	switch code {
	case "invalid_client":
		return "The client's id or secret is wrong, or the client is disabled."
	case "invalid_grant":
		return "The refresh token was revoked or has expired, or the private key doesn't belong to the client's certificate: " +
			"make a new one, without an end date if Workday offers that."
	case "unauthorized_client":
		return "The client may not use this kind of grant: register an API client for integrations, or one with the JWT bearer " +
			"grant for a private key."
	case "unsupported_grant_type":
		return "The client is registered for another kind of grant."
	case "invalid_request":
		return "The request lacks something that the client needs."
	case "invalid_scope":
		return "The client's scope doesn't cover what is asked for."
	default:
		return ""
	}
}

// TokenRefused is for a token endpoint that gives no access token, with an error code or without ("").
func TokenRefused(at At, status int, code string) *Fault {
	f := &Fault{
		Kind: KindTokenRefused, Actor: Customer,
		Detail: fmt.Sprintf("%s answered status %d without an access token", at.Source, status),
		Hint:   at.Format,
	}
	if hint := tokenHint(code); hint != "" {
		f.Detail = fmt.Sprintf("%s refused the API client (%s, status %d)", at.Source, code, status)
		f.Hint = hint + " Correct workday.oauth in tenants.yaml, and run `starter apply`. " + at.Check
	}
	return f
}

// AccessForbidden is for status 403.
func AccessForbidden(at At) *Fault {
	return &Fault{
		Kind: KindAccessForbidden, Actor: Customer,
		Detail: fmt.Sprintf(
			"%s accepts %s but doesn't allow it to read %s (status 403)", at.Source, at.Credential, at.Part,
		),
		Hint: at.Check,
	}
}

// NotFound is for statuses 404 and 410.
func NotFound(at At, status int) *Fault {
	return &Fault{
		Kind: KindNotFound, Actor: Customer,
		Detail: fmt.Sprintf("%s has nothing at the address of %s (status %s)", at.Source, at.Part, statusText(status)),
		Hint:   absentHint(at, status),
	}
}

// TaskNotAuthorized is for Workday's message "The task submitted is not authorized". Workday sends it with status 200,
// 403 or 500.
func TaskNotAuthorized(at At) *Fault {
	return &Fault{
		Kind: KindTaskNotAuthorized, Actor: Customer,
		Detail: fmt.Sprintf("%s answered that the task submitted is not authorized for %s", at.Source, at.Part),
		Hint: "In Workday: share the report with the integration system user (report's actions, Share), see that it " +
			"is enabled as a web service, and give the user's security group Get access to the report's domains; " +
			"then activate pending security policy changes.",
	}
}

// RequestRefused is for any other status from 300 to 499 that is not a redirect, and for 2xx statuses other than 200.
func RequestRefused(at At, status int) *Fault {
	return &Fault{
		Kind: KindRequestRefused, Actor: Operator,
		Detail: fmt.Sprintf("%s refused the request for %s (status %s)", at.Source, at.Part, statusText(status)),
		Hint:   refusedHint(at, status),
	}
}

// RateLimited is for status 429. after is the delay that the source asked for, or 0.
func RateLimited(at At, after time.Duration) *Fault {
	return &Fault{
		Kind: KindRateLimited, Retry: true, After: after, Actor: Nobody,
		Detail: fmt.Sprintf("%s asks for fewer requests (status 429) for %s", at.Source, at.Part),
		Hint: "Rollcall retries it. If it happens often, see what else uses the same credential, and " +
			"space out the schedules.",
	}
}

// ServerError is for statuses 500 to 599, 408 and 425. after is the delay that the source asked for, or 0.
func ServerError(at At, status int, after time.Duration) *Fault {
	return &Fault{
		Kind: KindServerError, Retry: true, After: after, Actor: Nobody,
		Detail: fmt.Sprintf("%s failed to produce %s (status %s)", at.Source, at.Part, statusText(status)),
		Hint:   "Rollcall retries it. " + failedHint(at, status),
	}
}

// HostUnresolved is for a host name without an address.
func HostUnresolved(at At, cause error) *Fault {
	return &Fault{
		Kind: KindHostUnresolved, Retry: true, Actor: Operator, Cause: cause,
		Detail: fmt.Sprintf("the host name of %s can't be resolved", at.Part),
		Hint: "Check the host in the address for a misspelling, and the name servers of the machine that the " +
			"worker runs on.",
	}
}

// Unreachable is for a connection that was refused or timed out.
func Unreachable(at At, cause error) *Fault {
	return &Fault{
		Kind: KindUnreachable, Retry: true, Actor: Operator, Cause: cause,
		Detail: fmt.Sprintf("no connection to %s for %s", at.Source, at.Part),
		Hint: "Rollcall retries it. If it lasts, check the worker's way out (firewall, proxy) and " +
			at.Source + "'s status page.",
	}
}

// TLSFailed is for a server that could not prove its identity.
func TLSFailed(at At, cause error) *Fault {
	return &Fault{
		Kind: KindTLSFailed, Actor: Operator, Cause: cause,
		Detail: fmt.Sprintf("the TLS connection to %s for %s could not be trusted", at.Source, at.Part),
		Hint: "Check the certificate at that host, the clock and the root certificates of the worker's machine, " +
			"and proxies in between.",
	}
}

// ConnectionLost is for an open connection that broke.
func ConnectionLost(at At, cause error) *Fault {
	return &Fault{
		Kind: KindConnectionLost, Retry: true, Actor: Nobody, Cause: cause,
		Detail: fmt.Sprintf("the connection to %s broke while reading %s", at.Source, at.Part),
		Hint:   "Rollcall retries it. If it lasts, look for a proxy or firewall that closes long connections.",
	}
}

// FirstByteTimeout is for a source that accepted the request and then sent nothing for waited.
func FirstByteTimeout(at At, waited time.Duration) *Fault {
	return &Fault{
		Kind: KindFirstByteTimeout, Retry: true, Actor: Customer,
		Detail: fmt.Sprintf("%s sent nothing of %s within %s", at.Source, at.Part, waited),
		Hint: "Make the report faster: fewer calculated fields, a filter on active workers, an indexed data " +
			"source; or run it at a quieter hour.",
	}
}

// IdleTimeout is for a source that stopped sending for waited.
func IdleTimeout(at At, waited time.Duration) *Fault {
	return &Fault{
		Kind: KindIdleTimeout, Retry: true, Actor: Nobody,
		Detail: fmt.Sprintf("%s paused for more than %s in the middle of %s", at.Source, waited, at.Part),
		Hint: "Rollcall retries it. If it lasts, look for a proxy in between, and at " + at.Source +
			"'s status page.",
	}
}
