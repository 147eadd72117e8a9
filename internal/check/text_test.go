package check

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestACheckSaysThatRatesAreExact(t *testing.T) {
	t.Parallel()
	for rate, want := range map[float64]string{0: "0 %", 0.001: "< 1 %", 0.5: "50 %", 0.999: "99 %", 1: "100 %"} {
		assert.Equal(t, want, percent(rate))
	}
}
