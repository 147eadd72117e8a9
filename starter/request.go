package main

import "github.com/rollcall/rollcall/internal/request"

// asked returns a request about a tenant. Without a name it takes the one in $USER, or nobody's.
func (a *app) newRequest(tenant, by, reason string) request.Request {
	if by == "" {
		by, _ = a.env.lookup("USER")
	}
	return request.Request{Tenant: tenant, By: by, Reason: reason}
}
