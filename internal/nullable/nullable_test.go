package nullable_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/nullable"
)

func TestAnEmptyValueIsNullAndATimeIsInUTC(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.FixedZone("two hours east", 2*60*60))
	text, err := json.Marshal([]any{
		nullable.Of(""), nullable.Of("a"), nullable.Of(0), nullable.Of(7), nullable.Time(time.Time{}),
		nullable.Time(at),
	})
	require.NoError(t, err)
	assert.JSONEq(t, `[null, "a", null, 7, null, "2026-03-04T10:00:00Z"]`, string(text))
}
