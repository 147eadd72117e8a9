package workflows

import (
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

// verdict is a decision about a held plan.
type ruling struct {
	approved bool
	only     run.Kind // the kind that is approved; "": all
	request  string
	hold     Hold // the plan as it was shown
}

// Kinds of refusals of a decision.
const (
	notHeldKind  = "not_held"
	unnamedKind  = "nobodys_decision" // no request names the person
	approvedKind = "approved_already"
	unknownKind  = "unknown_part"
)

func refusal(kind, format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), kind, nil)
}

// listen accepts decisions from now on, also while a round plans the held plan again.
//
// A decision is validated and recorded in one workflow task, before the workflow itself runs in that task. So the
// workflow must check for decisions after every step that blocks. No handler blocks, so none is unfinished when the
// workflow ends.
func (s *syncer) listen(ctx workflow.Context) error {
	take := func(name string, approve bool) error {
		err := workflow.SetUpdateHandlerWithOptions(ctx, name,
			func(_ workflow.Context, d Decision) (run.HeldPlan, error) { return s.decide(d, approve), nil },
			workflow.UpdateHandlerOptions{
				Validator: s.validate, Description: "decide about the plan that is held, by its id",
			})
		if err != nil {
			return fmt.Errorf("take the update %s: %w", name, err)
		}
		return nil
	}
	if err := take(ApproveUpdate, true); err != nil {
		return err
	}
	return take(RejectUpdate, false)
}

// validate refuses a decision that would have no effect.
func (s *syncer) validate(ctx workflow.Context, d Decision) error {
	working := s.round.status.Step != Holding
	switch {
	case ctx.Err() != nil:
		return refusal(notHeldKind, "the sync was cancelled and accepts no decision")
	case s.hold == nil && s.closed != nil:
		return s.closed
	case s.hold == nil:
		return refusal(notHeldKind, "no plan is held")
	case d.Plan != s.hold.Plan:
		return refusal(notHeldKind, "plan %q is not held; the held plan is %s", d.Plan, s.hold.Plan)
	case d.Request == "":
		return refusal(unnamedKind,
			"the decision names no request: use `starter approve` or `starter reject`, which record who decided")
	case d.Only != "" && (s.in.undoing() || !slices.Contains(run.Kinds(), d.Only)):
		return refusal(unknownKind, "%q is no part of the held plan: a sync's has removals, additions and changes", d.Only)
	case d.Only != "" && s.hold.Held().Of(d.Only) == 0:
		return refusal(unknownKind, "plan %s holds no %s: it holds %s", s.hold.Plan, d.Only, s.hold.Held().Text())
	case working && s.hold.Approved:
		return refusal(approvedKind, "plan %s is approved already, and being applied", s.hold.Plan)
	case working && s.round.releasing:
		return refusal(notHeldKind,
			"plan %s is not held any more: the rest of it is within the limit and is being applied", s.hold.Plan)
	}
	return nil
}

// decide records a decision. It replaces an earlier one.
func (s *syncer) decide(d Decision, approve bool) run.HeldPlan {
	s.decided = &ruling{approved: approve, only: d.Only, request: d.Request, hold: *s.hold}
	return s.hold.Held()
}

// rejected reports whether somebody rejected what is held, which is still to be recorded. A round under way applies no
// removals then, even if they are within the limit by now.
func (s *syncer) rejected() bool { return s.decided != nil && !s.decided.approved }

// close refuses decisions from now on.
func (s *syncer) close(why error) { s.hold, s.closed = nil, why }
