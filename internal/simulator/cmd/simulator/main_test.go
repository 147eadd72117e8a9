package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcall/rollcall/internal/simulator"
)

func TestTheCommandServesUntilItIsStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(
			ctx,
			[]string{
				"-address", "127.0.0.1:0", "-seed", "3", "-people", "7", "-tenants", "acme=workday,globex=workos:4",
			},
			in,
		)
	}()
	lines := bufio.NewScanner(out)
	for _, want := range []simulator.Access{
		{Tenant: "acme", Kind: simulator.Workday}, {Tenant: "globex", Kind: simulator.WorkOS},
	} {
		var a simulator.Access
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &a) != nil || a.Tenant != want.Tenant || a.Kind != want.Kind {
			t.Fatalf("%q, want %s", lines.Text(), want.Tenant)
		}
		if a.Users == "" {
			continue
		}
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, a.Users, nil)
		request.SetBasicAuth(a.Username, a.Password)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if rows := strings.Count(string(body), "Employee_ID"); err != nil || rows != 7 {
			t.Errorf("%d rows, %v", rows, err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"a tenant without a kind": {"-tenants", "acme"}, "a kind that isn't one": {"-tenants", "acme=okta"},
		"a size that isn't one": {"-tenants", "acme=workday:many"}, "an argument": {"acme"}, "an unknown flag": {"-x"},
	} {
		if err := run(t.Context(), append([]string{"-address", "127.0.0.1:0"}, args...), io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
