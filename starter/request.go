package main

import (
	"context"

	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/request"
)

// request keeps who asks for what and why, and returns its id: all that Temporal learns of it. Without a name it takes
// the one in $USER.
func (a *app) request(ctx context.Context, r request.Request) (id string, err error) {
	if r.By == "" {
		r.By, _ = a.env.lookup("USER") // nobody, if it isn't set
	}
	return request.Put(ctx, a.kept, r)
}

// startOptions returns those of a workflow that a person asks for.
func (a *app) startOptions(id, summary string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: a.settings.TaskQueue, StaticSummary: summary}
}

// requested says what was started. resync and undo print it as JSON if they don't wait.
type requested struct {
	Tenant    string `json:"tenant"`
	Request   string `json:"request"`
	Workflow  string `json:"workflow"`
	Execution string `json:"execution"`
}
