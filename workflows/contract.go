// Package workflows holds the order of a sync: which step follows which, what a workflow waits for, and what is
// retried. It does no I/O, uses only Temporal's clock, and calls no service. The steps themselves are activities.
//
// A workflow makes a struct of values, sets it up and runs it. A Preview plays one round. So does a Sync. If a resync
// arrives in the meantime, the Sync plays another round, as a new execution of the same id. A Sync whose removals are
// held stays open until somebody decides. Each tick of the Schedule plans again, in a new execution that takes over
// the plan and its clock. An Undo runs under the Sync's id, so that only one of them is open.
//
// Files call files below them only: register; scheduled, undo, preview, erase, retention, watch; sync, hold, hold_end,
// decision, resync; round, reverse, apply, spans; alert; status, details, details_undo, summaries, input, failure,
// attributes, options, contract.
package workflows

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

// Names in histories. They are registered explicitly and must not change.
const (
	SyncName          = "Sync"
	ScheduledSyncName = "ScheduledSync"
	PreviewName       = "Preview"
	UndoName          = "Undo"
	AlertName         = "Alert"
	WatchName         = "Watch"
	EraseName         = "Erase"
	RetentionName     = "Retention"

	ResyncSignal  = "resync"
	ApproveUpdate = "approve"
	RejectUpdate  = "reject"
	StatusQuery   = "status"

	BeginName       = "Begin"
	FetchUsersName  = "FetchUsers"
	FetchGroupsName = "FetchGroups"
	ValidateName    = "Validate"
	DiffName        = "Diff"
	ReverseName     = "Reverse"
	GuardName       = "Guard"
	ApplyName       = "Apply"
	FinishName      = "Finish"
	ConcludeName    = "Conclude"
	AdmitName       = "Admit"
	RemindName      = "Remind"
	TakeName        = "Take"
	TellName        = "Tell"
	WatchingName    = "Watch"

	EraseMemberName   = "EraseMember"
	EraseValuesName   = "EraseValues"
	EraseChunksName   = "EraseChunks"
	FinishErasureName = "FinishErasure"
	DropOldName       = "DropOld"
)

// ReadQueue returns the task queue of the steps that read directories, beside the task queue of all others. A slow
// directory occupies a slot for hours, so reads have slots of their own.
func ReadQueue(queue string) string { return queue + "-reads" }

// DecidedQueue returns the task queue of the reads by which an approval is applied. They don't wait for other reads.
func DecidedQueue(queue string) string { return queue + "-decided" }

// Versions in histories, for workflow.GetVersion.
const lanesVersion = "lanes" // 1: as many spans are applied at once as Begin says

// partsVersion is the change by which a plan has parts for additions and changes that the guard counts.
const partsVersion = "parts" // 1: it has

// Search attributes, registered by `starter apply`.
const (
	TenantAttribute   = "RollcallTenant"   // Keyword
	OutcomeAttribute  = "RollcallOutcome"  // Keyword
	ChangesAttribute  = "RollcallChanges"  // Int
	RemovalsAttribute = "RollcallRemovals" // Int
	IssuesAttribute   = "RollcallIssues"   // Int
	HeldAttribute     = "RollcallHeld"     // Keyword: HeldWaiting or HeldReminded while a plan is held
)

// Values of HeldAttribute.
const (
	HeldWaiting  = "waiting"
	HeldReminded = "reminded" // half of the time has passed
)

const (
	syncPrefix     = "sync-"
	previewPrefix  = "preview-"
	schedulePrefix = "schedule-"
	alertPrefix    = "alert-"
	watchPrefix    = "watch-"
	erasePrefix    = "erase-"

	retentionPrefix = "retention-"
)

// RetentionID is the id of the Schedule that starts Retention, and the prefix of the ids of what it starts. There is
// one for each installation. Installations may share a namespace if each has a task queue of its own.
func RetentionID(taskQueue string) string { return retentionPrefix + taskQueue }

// SyncID is the id of a tenant's Sync and of its Undo. At most one workflow with that id is open.
func SyncID(tenant string) string { return syncPrefix + tenant }

// PreviewID is the id of a tenant's preview.
func PreviewID(tenant string) string { return previewPrefix + tenant }

// ScheduleID is the id of a tenant's Schedule, and the prefix of the ids of the workflows that it starts.
func ScheduleID(tenant string) string { return schedulePrefix + tenant }

// AlertID is the id of the one workflow that delivers an alert.
func AlertID(alert uuid.UUID) string { return alertPrefix + alert.String() }

// WatchID is the id of the Schedule that starts Watch, and the prefix of the ids of what it starts. There is one for
// each task queue.
func WatchID(taskQueue string) string { return watchPrefix + taskQueue }

// EraseID is the id of an erasure's workflow.
func EraseID(tenant string, request uuid.UUID) string {
	return erasePrefix + tenant + "-" + request.String()
}

// TenantOf is the inverse of SyncID. It returns false if the id isn't that of a Sync.
func TenantOf(syncID string) (tenant string, ok bool) { return strings.CutPrefix(syncID, syncPrefix) }

// Input starts a Sync, a ScheduledSync, a Preview or an Undo.
type Input struct {
	Tenant string     `json:"tenant"`
	Origin run.Origin `json:"origin"`
	// Request is the id of the request kept in the store; the signal that came with the start carries the same.
	Request string `json:"request,omitempty"`

	// Undoes is the run that an Undo takes back.
	Undoes uuid.UUID `json:"undoes,omitzero"`

	// Hold and Next are what a Sync or an Undo carries from one round to the next.
	Hold *Hold   `json:"hold,omitempty"` // the plan that is held or approved
	Next *Resync `json:"next,omitempty"` // a resync that waits for this round to end
}

// Hold is a held plan, as it goes from round to round.
type Hold struct {
	Plan      string    `json:"plan"`
	Removals  int       `json:"removals"`
	Additions int       `json:"additions,omitempty"`
	Changes   int       `json:"changes,omitempty"`  // of an undo, which is held whole: all of them
	Undoes    uuid.UUID `json:"undoes,omitzero"`    // the run that it takes back; Nil: it is a sync's
	Run       uuid.UUID `json:"run"`                // the run that showed it last
	Since     time.Time `json:"since"`              // when the same removals were held first
	Until     time.Time `json:"until"`              // when it expires, or its approval does
	Reminded  bool      `json:"reminded,omitempty"` // half of that time has passed
	Approved  bool      `json:"approved,omitempty"` // a fresh read is to apply it
	Request   string    `json:"request,omitempty"`  // of the person who approved it
	Only      run.Kind  `json:"only,omitempty"`     // the kind that was approved; "": all of the plan
}

// Held returns the plan as results show it.
func (h Hold) Held() run.HeldPlan {
	return run.HeldPlan{
		Plan: h.Plan, Removals: h.Removals, Additions: h.Additions, Changes: h.Changes, Undo: h.Undoes != uuid.Nil,
	}
}

// Decision is the argument of ApproveUpdate and RejectUpdate. Their result is the plan decided about.
type Decision struct {
	Plan    string `json:"plan"`
	Request string `json:"request"` // id of the request kept in the store, which names the person and the reason
	// Only is the kind of changes that is approved. The rest of the plan stays held. "": all of it.
	Only run.Kind `json:"only,omitempty"`
}

// Resync is the payload of ResyncSignal. Sent without one, or with one that cannot be read, it is a manual resync.
type Resync struct {
	Origin  run.Origin `json:"origin"`
	Request string     `json:"request,omitempty"`
}
