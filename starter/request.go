package main

import "github.com/rollcall/rollcall/internal/request"

// newRequest returns a request for a tenant. If by is empty, it takes the name in $USER.
func (a *app) newRequest(tenant, by, reason string) request.Request {
	if by == "" {
		by, _ = a.env.lookup("USER")
	}
	return request.Request{Tenant: tenant, By: by, Reason: reason}
}
