package main

import (
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
)

// newRequest returns an operator's request. If by is "", it is the name in $USER.
func (a *app) newRequest(tenant, by, reason string) request.Request {
	if by = roster.NormalText(by); by == "" {
		by, _ = a.env.lookup("USER")
	}
	return request.Request{Tenant: tenant, By: by, Reason: reason}
}

// checkBy refuses a --by that names nobody. does says what the person does.
func checkBy(by, does string) error {
	if roster.NormalText(by) == "" {
		return usagef("missing --by: name who %s", does)
	}
	return nil
}

// checkGivenBy refuses a --by that is given and names nobody, where the flag has a default.
func checkGivenBy(command *cobra.Command, by string) error {
	if !command.Flags().Changed("by") {
		return nil
	}
	return checkBy(by, "requests it")
}
