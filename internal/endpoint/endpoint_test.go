package endpoint_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/endpoint"
)

func TestASecretIsSentByHTTPSOrToThisMachine(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://hooks.example":      true,
		"https://127.0.0.1":          true,
		"http://localhost:8080/a":    true,
		"http://LOCALHOST":           true,
		"http://127.0.0.1:8080":      true,
		"http://127.9.9.9":           true,
		"http://[::1]:8080":          true,
		"http://hooks.example":       false,
		"http://a.localhost":         false,
		"http://localhost.example":   false,
		"http://127.0.0.1.example":   false,
		"http://[::2]":               false,
		"http://0.0.0.0":             false,
		"ftp://localhost":            false,
		"//localhost":                false,
		"http://":                    false,
		"http://localhost@x.example": false,
	} {
		u, err := url.Parse(address)
		require.NoError(t, err, address)
		assert.Equal(t, want, endpoint.Secure(u), address)
	}
}
