package fault

import (
	"fmt"
	"strings"
	"time"
)

// ColumnMissing is for required columns that appear in no row. detail names the columns. hint names columns that may
// have been renamed and Workday domain security policies that may be missing.
func ColumnMissing(detail, hint string) *Fault {
	return &Fault{Kind: KindColumnMissing, Actor: Customer, Detail: detail, Hint: hint}
}

// EmptyDirectory is for a complete read without users. It must never become a plan to remove everybody.
func EmptyDirectory(at At) *Fault {
	return &Fault{
		Kind: KindEmptyDirectory, Actor: Customer,
		Detail: at.Source + " lists no users at all",
		Hint:   "Nothing was changed. " + at.Empty,
	}
}

// AllRejected is for a complete read in which every row was rejected, or says that the person has left.
func AllRejected(rows int) *Fault {
	return &Fault{
		Kind: KindAllRejected, Actor: Customer,
		Detail: fmt.Sprintf("no row makes anybody a member: all %d were rejected, or are of people who have left, have not "+
			"started or are out of scope", rows),
		Hint: "Nothing was changed. `starter report` lists the causes: usually a required column has lost its " +
			"values or holds something else.",
	}
}

// AllDeparted is for a complete read in which every row says that the person has left.
func AllDeparted(rows int) *Fault {
	return &Fault{
		Kind: KindAllDeparted, Actor: Customer,
		Detail: fmt.Sprintf("all %d rows say that the person has left", rows),
		Hint: "Nothing was changed. The status column has another meaning, or the directory lists the wrong people. Say " +
			"under `statuses` in tenants.yaml what its words mean, or correct the filter of the directory's people.",
	}
}

// AllOutOfScope is for a complete read in which the tenant's scope leaves every row out.
func AllOutOfScope(rows int) *Fault {
	return &Fault{
		Kind: KindAllOutOfScope, Actor: Customer,
		Detail: fmt.Sprintf("the tenant's scope leaves out all %d rows", rows),
		Hint: "Nothing was changed. Correct the values under `scope` in tenants.yaml: `starter check` shows the columns of the " +
			"directory.",
	}
}

// NoneStarted is for a complete read in which everybody's start date is to come.
func NoneStarted(rows int) *Fault {
	return &Fault{
		Kind: KindNoneStarted, Actor: Customer,
		Detail: fmt.Sprintf("all %d rows have a start date that has not come", rows),
		Hint: "Nothing was changed. Map another column to start_date under `fields` in tenants.yaml, or correct the filter of " +
			"the directory's people. `dates: {lead: 14d}` adds people before they start.",
	}
}

// SentinelMissing is for a complete read that lacks sentinels. missing holds their positions in the tenant's list of
// total entries. look says how to look for people at the source. It is not retried, because a retry would read the same
// data.
func SentinelMissing(missing []int, total int, look string) *Fault {
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
		Detail: fmt.Sprintf(
			"the directory lacks %d of %d people who must always be in it: %s", len(missing), total,
			strings.Join(names, ", "),
		),
		Hint: "Nothing was changed. A filter, a lost permission or a wrong address is the usual cause: " + look +
			". If these people have really left, take them out of `sentinels` in tenants.yaml and run `starter apply`.",
	}
}

// MalformedRow is for a row that is not a JSON object or can't be parsed. row counts from 1.
func MalformedRow(row int, cause error) *Fault {
	return &Fault{
		Kind: KindMalformedRow, Actor: Customer, Cause: cause,
		Detail: fmt.Sprintf("row %d can't be read as one object of columns and values", row),
		Hint:   "Look at that row as the directory sends it.",
	}
}

// TooManyColumns is for more candidate columns of the fields than Rollcall can distinguish.
func TooManyColumns(count, limit int) *Fault {
	return &Fault{
		Kind: KindTooManyColumns, Actor: Customer,
		Detail: fmt.Sprintf("%d columns could belong to a field of a member; %d is the most", count, limit),
		Hint: "Take columns out of the directory's data that name the same thing, or name the right ones under fields " +
			"in tenants.yaml.",
	}
}

// TooLarge is for a directory with more than limit of something: people or memberships.
func TooLarge(what string, limit int) *Fault {
	return &Fault{
		Kind: KindTooLarge, Actor: Customer,
		Detail: fmt.Sprintf("the directory lists more than %d %s, which is the most for a tenant", limit, what),
		Hint: "Nothing was changed. Let the directory list only the people and groups that the platform needs, or " +
			"divide it between several tenants.",
	}
}

// KeyCollision is for two identities with the same hash. That is extremely unlikely. The other cause is a member whose
// identity was changed in the database by hand, which the index doesn't show.
func KeyCollision() *Fault {
	return &Fault{
		Kind: KindKeyCollision, Actor: Operator,
		Detail: "two different identities of this tenant have the same key in the index",
		Hint: "Nothing was changed. If external ids or emails of members were changed by hand, the next sync sees " +
			"it, as it compares everything; if it fails too, report it: the key's hash function has to change.",
	}
}

// Stalled is for a read or batch without progress for limit. last is the fault of the latest attempt, or nil if
// unknown.
func Stalled(limit time.Duration, last *Fault) *Fault {
	detail := fmt.Sprintf("no progress for %s", limit)
	hint := "Nothing was changed. Look at the attempts in the Web UI; the limit is the tenant's `stall` in " +
		"tenants.yaml."
	if last != nil {
		return &Fault{
			Kind: KindStalled, Actor: last.Actor, Detail: detail + "; last: " + last.Error(), Hint: last.Hint,
			Cause: last,
		}
	}
	return &Fault{Kind: KindStalled, Actor: Operator, Detail: detail, Hint: hint}
}

// Superseded is for an attempt or a run that a newer one replaced. what names it, such as "the users stage".
func Superseded(what string) *Fault {
	return &Fault{
		Kind: KindSuperseded, Actor: Nobody,
		Detail: what + " has been taken over by a newer attempt",
		Hint: "Nothing to do: the newer attempt continues. If it recurs, two workers may be set up with different " +
			"stores or queues.",
	}
}

// StoreUnavailable is for an error of Rollcall's own database.
func StoreUnavailable(cause error) *Fault {
	return &Fault{
		Kind: KindStoreUnavailable, Retry: true, Actor: Operator, Cause: cause,
		Detail: "Rollcall's store is unavailable",
		Hint: "Rollcall retries it. Check the database: is it up, is its disk full, may the worker write " +
			"to it?",
	}
}

// NewerRelease is for stored data that this release can't read. While workers are being upgraded, a newer one may take
// the next attempt.
func NewerRelease(cause error) *Fault {
	return &Fault{
		Kind: KindNewerRelease, Retry: true, Actor: Operator, Cause: cause,
		Detail: "stored data were written by a newer release than this worker's",
		Hint:   "Rollcall retries it. Run the release that wrote the data, or a later one, on all workers.",
	}
}

// CredentialsUnreadable is for sealed credentials that can't be opened.
func CredentialsUnreadable(cause error) *Fault {
	return &Fault{
		Kind: KindCredentialsUnreadable, Actor: Operator, Cause: cause,
		Detail: "the tenant's credentials can't be opened with the key in use",
		Hint: "Give the worker the key that `starter apply` sealed them with, or seal them again: run `starter " +
			"apply` with the worker's key.",
	}
}

// TenantUnknown is for a tenant that doesn't exist or was dropped. tenant is its id.
func TenantUnknown(tenant string) *Fault {
	return &Fault{
		Kind: KindTenantUnknown, Actor: Operator,
		Detail: fmt.Sprintf("there is no tenant %q", tenant),
		Hint:   "See `starter tenants` for those there are; add one to tenants.yaml and run `starter apply`.",
	}
}

// NotUndoable is for a run that doesn't exist or can't be undone. detail gives the reason, without personal data.
func NotUndoable(detail string) *Fault {
	return &Fault{
		Kind: KindNotUndoable, Actor: Operator, Detail: detail,
		Hint: "Nothing was changed. `starter runs` lists the tenant's runs: name one that changed something.",
	}
}

// Interrupted is for a step whose worker stopped. Another attempt resumes it.
func Interrupted() *Fault {
	return &Fault{
		Kind: KindInterrupted, Retry: true, After: time.Second, Actor: Nobody,
		Detail: "the worker that ran this step stopped",
		Hint:   "Nothing to do: another attempt resumes the step, here or on another worker.",
	}
}

// TimedOut is for a step that exceeded its timeout. step is its name.
func TimedOut(step string) *Fault {
	return &Fault{
		Kind: KindTimedOut, Actor: Operator,
		Detail: fmt.Sprintf("the step %s exceeded its timeout", step),
		Hint: "Look at the step's attempts in the Web UI, and whether a worker was running and its database quick " +
			"enough. The next sync starts from the beginning.",
	}
}

// Canceled is for a cancelled workflow.
func Canceled() *Fault {
	return &Fault{
		Kind: KindCanceled, Actor: Nobody,
		Detail: "the sync was cancelled",
		Hint:   "What was applied stays applied; the next sync does the rest. Start one with `starter resync`.",
	}
}

// Internal is for a bug or an unforeseen error. It is retried, because unforeseen errors are often temporary. A read or
// batch that makes no progress ends as stalled.
func Internal(cause error) *Fault {
	return &Fault{
		Kind: KindInternal, Retry: true, Actor: Operator, Cause: cause,
		Detail: "an unexpected error occurred",
		Hint:   "The worker's log has the run's id beside it. Please report it.",
	}
}
