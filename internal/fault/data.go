package fault

import (
	"fmt"
	"strings"
	"time"
)

// ColumnMissing: required columns appear in no row. detail names the columns, hint the likely renamed ones and the
// Workday domain security policies that may be missing.
func ColumnMissing(detail, hint string) *Fault {
	return &Fault{Kind: KindColumnMissing, Actor: Customer, Detail: detail, Hint: hint}
}

// EmptyDirectory: a complete read found nobody. That is a failure, never a plan to remove everybody.
func EmptyDirectory(source string) *Fault {
	return &Fault{
		Kind: KindEmptyDirectory, Actor: Customer,
		Detail: source + " lists no users at all",
		Hint:   "Nothing was changed. Run the report as the integration system user: a lost permission or a filter often leaves it empty.",
	}
}

// SentinelMissing: a complete read lacks people who must be in every one. missing are their places in the tenant's list of
// so many. Not retried: the same answer would only be read again; the next tick reads afresh.
func SentinelMissing(missing []int, total int) *Fault {
	const named = 10
	var names []string
	for _, place := range missing[:min(named, len(missing))] {
		names = append(names, fmt.Sprintf("sentinels[%d]", place))
	}
	if len(missing) > named {
		names = append(names, "and others")
	}
	return &Fault{
		Kind: KindSentinelMissing, Actor: Customer,
		Detail: fmt.Sprintf("the directory lacks %d of %d people who must always be in it: %s", len(missing), total, strings.Join(names, ", ")),
		Hint: "Nothing was changed. A filter, a lost permission or a wrong report is the usual cause: run the report as the integration " +
			"system user and look for these people. If they have really left, take them out of `sentinels` in tenants.yaml and run `starter apply`.",
	}
}

// MalformedRow: a row is not a JSON object, or can't be read as one. row counts from 1.
func MalformedRow(row int, cause error) *Fault {
	return &Fault{
		Kind: KindMalformedRow, Actor: Customer, Cause: cause,
		Detail: fmt.Sprintf("row %d can't be read as one object of columns and values", row),
		Hint:   "Look at that row in the report's JSON; a calculated field that breaks the format is the usual cause.",
	}
}

// TooManyColumns: more columns could belong to a field than Rollcall can tell apart.
func TooManyColumns(count, limit int) *Fault {
	return &Fault{
		Kind: KindTooManyColumns, Actor: Customer,
		Detail: fmt.Sprintf("%d columns could belong to a field of a member; %d is the most", count, limit),
		Hint:   "Take columns out of the report that name the same thing, or name the right ones under fields in tenants.yaml.",
	}
}

// KeyCollision: two different identities have the same hash. It happens once in a lifetime, and is noticed; or somebody
// gave a member another identity by hand, which the index doesn't show.
func KeyCollision() *Fault {
	return &Fault{
		Kind: KindKeyCollision, Actor: Operator,
		Detail: "two different identities of this tenant have the same key in the index",
		Hint: "Nothing was changed. If external ids or emails of members were changed by hand, the next sync sees it, as it compares " +
			"everything; should it fail likewise, report it: the key's hash function has to change.",
	}
}

// Stalled: nothing was read or applied for too long; last is what the latest attempt ended with (nil: not known).
func Stalled(limit time.Duration, last *Fault) *Fault {
	detail := fmt.Sprintf("no progress for %s", limit)
	hint := "Nothing was changed. Look at the attempts in the Web UI; the limit is the tenant's `stall` in tenants.yaml."
	if last != nil {
		return &Fault{Kind: KindStalled, Actor: last.Actor, Detail: detail + "; last: " + last.Error(), Hint: last.Hint, Cause: last}
	}
	return &Fault{Kind: KindStalled, Actor: Operator, Detail: detail, Hint: hint}
}

// Superseded: a newer attempt or a newer run has taken over. what names it, as "the users stage".
func Superseded(what string) *Fault {
	return &Fault{
		Kind: KindSuperseded, Actor: Nobody,
		Detail: what + " has been taken over by a newer attempt",
		Hint:   "Nothing to do: the newer one goes on. If it recurs, two workers may be set up with different stores or queues.",
	}
}

// StoreUnavailable: our own database doesn't answer, or not as it should.
func StoreUnavailable(cause error) *Fault {
	return &Fault{
		Kind: KindStoreUnavailable, Retry: true, Actor: Operator, Cause: cause,
		Detail: "Rollcall's store can't be used at the moment",
		Hint:   "It is tried again by itself. Check the database: is it up, is its disk full, may the worker write to it?",
	}
}

// CredentialsUnreadable: the tenant's sealed credentials can't be opened.
func CredentialsUnreadable(cause error) *Fault {
	return &Fault{
		Kind: KindCredentialsUnreadable, Actor: Operator, Cause: cause,
		Detail: "the tenant's credentials can't be opened with the key in use",
		Hint:   "Give the worker the key that `starter apply` sealed them with, or seal them anew: run `starter apply` with the worker's key.",
	}
}

// TenantUnknown: no such tenant, or it has been dropped. tenant is its id.
func TenantUnknown(tenant string) *Fault {
	return &Fault{
		Kind: KindTenantUnknown, Actor: Operator,
		Detail: fmt.Sprintf("there is no tenant %q", tenant),
		Hint:   "See `starter tenants` for those there are; add one to tenants.yaml and run `starter apply`.",
	}
}

// NotUndoable: there is no such run to be taken back. detail says why, without personal data.
func NotUndoable(detail string) *Fault {
	return &Fault{
		Kind: KindNotUndoable, Actor: Operator, Detail: detail,
		Hint: "Nothing was changed. `starter runs` lists the tenant's runs: name one that changed something.",
	}
}

// Interrupted: the worker that ran a step stopped, or was cut off; another attempt goes on where it was.
func Interrupted() *Fault {
	return &Fault{
		Kind: KindInterrupted, Retry: true, After: time.Second, Actor: Nobody,
		Detail: "the worker that ran this step stopped",
		Hint:   "Nothing to do: another attempt goes on, here or on another worker.",
	}
}

// TimedOut: a step took longer than it is given. step is its name.
func TimedOut(step string) *Fault {
	return &Fault{
		Kind: KindTimedOut, Actor: Operator,
		Detail: fmt.Sprintf("the step %s didn't end within the time it is given", step),
		Hint:   "Look at the step's attempts in the Web UI, and whether a worker was running and its database quick enough. The next sync starts anew.",
	}
}

// Canceled: somebody cancelled the workflow.
func Canceled() *Fault {
	return &Fault{
		Kind: KindCanceled, Actor: Nobody,
		Detail: "the sync was cancelled",
		Hint:   "What was applied stays applied; the next sync does the rest. Start one with `starter resync`.",
	}
}

// Internal: a mistake of Rollcall's own, or something that nobody foresaw. It is tried again, since the unforeseen is
// often passing; a read or a batch that goes nowhere ends as stalled.
func Internal(cause error) *Fault {
	return &Fault{
		Kind: KindInternal, Retry: true, Actor: Operator, Cause: cause,
		Detail: "something went wrong that Rollcall has no name for",
		Hint:   "The worker's log has the run's id beside it. Please report it.",
	}
}
