package fault

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEachStatusHasItsOwnWords(t *testing.T) {
	t.Parallel()
	type made struct {
		of       func(At, int) *Fault
		statuses []int
	}
	seen := map[string]int{}
	for _, m := range []made{
		{NotFound, []int{404, 410}},
		{RequestRefused, []int{
			201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 304, 307, 308, 400, 402, 405, 406, 407, 409, 411, 412, 413, 414,
			415, 416, 417, 418, 421, 422, 423, 424, 426, 428, 431, 451, 499,
		}},
		{func(at At, status int) *Fault { return ServerError(at, status, 0) }, []int{
			408, 425, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 521, 522, 523, 524, 525, 526, 530, 599,
		}},
	} {
		for _, status := range m.statuses {
			f := m.of(place, status)
			assert.Contains(t, f.Detail, statusText(status))
			assert.Zero(t, seen[f.Hint], "%d and %d: %s", status, seen[f.Hint], f.Hint)
			seen[f.Hint] = status
		}
	}
	assert.NotEqual(t, CredentialsRefused(place).Hint, AccessForbidden(place).Hint)
	assert.NotContains(t, seen, RateLimited(place, 0).Hint)
}
