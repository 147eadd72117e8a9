package workday

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
)

func TestAddressesAreRequestedAsJSON(t *testing.T) {
	t.Parallel()
	const base = "https://wd5-services1.myworkday.com/ccx/service/customreport2/acme/ISU_10KC/Members"
	for _, c := range []struct{ given, want string }{
		{base, base + "?format=json"},
		{base + "?format=json", base + "?format=json"},
		{base + "?format=simplexml", base + "?format=json"},
		{base + "?Format=csv&As_Of=2026-01-01", base + "?As_Of=2026-01-01&format=json"},
		{base + "?Organizations!WID=a%2Cb&x=1#top", base + "?Organizations!WID=a%2Cb&x=1&format=json"},
		{" " + base + "?&format=json\n", base + "?format=json"},
		{"https://wd2-impl-services1.workday.com:443/x", "https://wd2-impl-services1.workday.com:443/x?format=json"},
		{"https://WD5-SERVICES1.MYWORKDAY.COM/x", "https://WD5-SERVICES1.MYWORKDAY.COM/x?format=json"},
	} {
		got, err := Address(c.given, nil)
		require.NoError(t, err, c.given)
		assert.Equal(t, c.want, got)
	}
}

func TestUnsafeAddressesAreRefused(t *testing.T) {
	t.Parallel()
	for _, given := range []string{
		"", "x", "https://", "/ccx/service", "http://wd5-services1.myworkday.com/x",
		"ftp://wd5-services1.myworkday.com/x",
		"https://user:secret@wd5-services1.myworkday.com/x", "https://user@wd5-services1.myworkday.com/x",
		"https://example.com/x", "https://myworkday.com/x", "https://evilmyworkday.com/x",
		"https://myworkday.com.example.com/x",
		"https://wd5.myworkday.com@example.com/x", "https://wd5-services1.myworkday.com:8443/x",
		"https://wd5-services1.myworkday.com.:443/x",
		"https://127.0.0.1/x", "http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x", "https://10.0.0.1/x",
		"http://169.254.169.254/latest",
		"https://wd5-services1.myworkday.com/ccx/service/Report2/acme/a?wsdl",
		"https://wd5-services1.myworkday.com/x?xsd=1",
		"https://wd5-services1.myworkday.com/%zz", "://",
	} {
		_, err := Address(given, nil)
		f, ok := fault.Of(err)
		require.True(t, ok, given)
		assert.Equal(t, fault.KindAddressRefused, f.Kind, given)
		assert.NotContains(t, f.Detail+f.Hint, "secret")
		assert.NotContains(t, f.Detail+f.Hint, "example.com")
	}
}

func TestHostsAreAllowedByNamePortAndSuffix(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		hosts   []string
		allowed bool
	}{
		{"https://hr.example.com/x", []string{"hr.example.com"}, true},
		{"https://hr.example.com/x", []string{" HR.Example.com "}, true},
		{"https://hr.example.com/x", []string{"example.com"}, false},
		{"https://hr.example.com/x", []string{"*.example.com"}, true},
		{"https://a.hr.example.com/x", []string{"*.example.com"}, true},
		{"https://example.com/x", []string{"*.example.com"}, false},
		{"https://hr.example.com/x", []string{"*.", "*", ""}, false},
		{"https://hr.example.com:8443/x", []string{"hr.example.com"}, false},
		{"https://hr.example.com:8443/x", []string{"hr.example.com:8443"}, true},
		{"https://hr.example.com/x", []string{"hr.example.com:8443"}, false},
		{"http://hr.example.com/x", []string{"hr.example.com", "hr.example.com:80"}, false},
		{"http://127.0.0.1:8099/x", []string{"127.0.0.1"}, true},
		{"http://127.0.0.1:8099/x", []string{"127.0.0.1:8099"}, true},
		{"http://127.0.0.1:8099/x", []string{"127.0.0.1:80"}, false},
		{"http://127.0.0.1:8099/x", []string{"localhost"}, false},
		{"http://localhost:1/x", []string{"localhost"}, true},
		{"http://[::1]:1/x", []string{"::1"}, true},
		{"http://[::1]:1/x", []string{"[::1]:1"}, true},
		{"https://hr.example.com/x", []string{}, false},
	} {
		_, err := Address(c.address, c.hosts)
		assert.Equal(t, c.allowed, err == nil, "%s %v", c.address, c.hosts)
	}
}
