package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/workflows"
)

// resync is what was asked for.
type resync struct {
	tenant string
	by     string // who asks; "" takes the name from the environment
	why    string
	wait   bool

	payload []byte // of a preview: what it tries
}

func newResync(a *app) *cobra.Command {
	var asked resync
	command := &cobra.Command{
		Use:   "resync TENANT",
		Short: "Sync a tenant now",
		Long: `Asks for a sync of a tenant, by hand. When one is open already, it goes round once more when it ends, however often this
is asked. Who asked and why is kept with the run, in our database only.

With --wait the command shows progress (on the standard error) and ends with the result (on the standard output): exit status
0 when the tenant is in step, 1 when the sync failed, 3 as soon as removals are held because they are more than the guard
allows: they wait for ` + "`starter approve` or `starter reject`" + `. A plan that is held already is replaced by this sync's, and what
was rejected or expired before is planned anew; an undo that is held is dropped. Interrupting the
command doesn't stop the sync.`,
		Example: `  starter resync acme --wait
  starter resync acme --by jo --reason "report fixed, ticket 4711"
  starter resync acme --wait -o json | jq .changes`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			asked.tenant = args[0]
			return a.resync(command.Context(), asked)
		},
	}
	command.Flags().StringVar(&asked.by, "by", "", "who asks (default: the name in $USER)")
	command.Flags().StringVar(&asked.why, "reason", "", "why")
	command.Flags().BoolVar(&asked.wait, "wait", false, "show progress and end with the result")
	return command
}

// requested is what resync prints as JSON when it doesn't wait.
type requested struct {
	Tenant    string `json:"tenant"`
	Request   string `json:"request"`
	Workflow  string `json:"workflow"`
	Execution string `json:"execution"`
}

func (a *app) resync(ctx context.Context, asked resync) error {
	if err := a.current(ctx, asked.tenant); err != nil {
		return err
	}
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	request, err := a.request(ctx, "resync", asked)
	if err != nil {
		return err
	}
	// Names stay in the store: Temporal sees the request's id alone.
	id := workflows.SyncID(asked.tenant)
	execution, err := c.SignalWithStartWorkflow(ctx, id, workflows.ResyncSignal,
		workflows.Resync{Origin: round.Manual, Request: request},
		a.startOptions(id, "Sync of "+asked.tenant), workflows.SyncName,
		workflows.Input{Tenant: asked.tenant, Origin: round.Manual, Request: request})
	if err != nil {
		return fmt.Errorf("ask for a sync of %s: %w", asked.tenant, err)
	}
	if asked.wait {
		result, err := a.await(ctx, c, execution, asked.tenant)
		if err != nil {
			return err
		}
		return a.finish(result)
	}
	if a.format == jsonFormat {
		return a.writeJSON(requested{Tenant: asked.tenant, Request: request, Workflow: id, Execution: execution.GetRunID()})
	}
	return a.print("A sync of %s is asked for (workflow %s). Follow it with `starter status %s --watch`.\n",
		asked.tenant, id, asked.tenant)
}

// request keeps who asks for what and why, and answers with the request's id.
func (a *app) request(ctx context.Context, verb string, asked resync) (string, error) {
	if asked.by == "" {
		asked.by, _ = a.env.lookup("USER") // nobody, where there is none
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	err = a.kept.PutRequest(ctx, store.Request{
		ID: id.String(), Tenant: asked.tenant, Verb: verb, By: asked.by, Reason: asked.why, At: time.Now(), Payload: asked.payload,
	})
	if err != nil {
		return "", fmt.Errorf("keep the request: %w", err)
	}
	return id.String(), nil
}

// startOptions are those of a workflow that a person asks for.
func (a *app) startOptions(id, summary string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: a.settings.TaskQueue, StaticSummary: summary}
}
