package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/rollcall/rollcall/internal/tenant"
)

// warnLapsed says which protections are over. It is no error: a file that was right yesterday must not be refused today.
func (a *app) warnLapsed(tenants []tenant.Tenant, now time.Time) error {
	for _, t := range tenants {
		lapsed, err := t.Lapsed(now)
		if err != nil {
			return err
		}
		if len(lapsed) > 0 {
			fmt.Fprintf(a.errOut, "Warning: tenants[%s]: the last day has passed of %s: protected no more; take them out or give a later day\n",
				t.ID, strings.Join(lapsed, ", "))
		}
	}
	return nil
}
