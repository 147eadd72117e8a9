package temporaltest_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/temporaltest"
)

func TestAServerRespondsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	server, err := temporaltest.Launch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Client(t).CheckHealth(t.Context(), &client.CheckHealthRequest{}); err != nil {
		t.Fatalf("a started server: %v", err)
	}
	server.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if c, err := client.DialContext(ctx, client.Options{HostPort: server.Address}); err == nil {
		c.Close()
		t.Error("a stopped server still answers")
	}
}
