package terminal_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/terminal"
)

func TestATableAlignsColumnsAndReplacesControlCharacters(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table := terminal.NewTable(&out, "ID", "NAME", "ROWS")
	require.NoError(t, table.Row(1, "Bo\x1b[31m", 7))
	require.NoError(t, table.Row("twelve", "a\tb\nc", ""))
	require.NoError(t, table.Flush())
	assert.Equal(t, "ID      NAME     ROWS\n1       Bo [31m  7\ntwelve  a b c    -\n", out.String())
}

func TestPairsAreAlignedUnderAnIndent(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "  a      1\n  three  2", terminal.Pairs("  ", [][2]string{{"a", "1"}, {"three", "2"}}))
	assert.Empty(t, terminal.Pairs("  ", nil))
}

func TestShortDurationsAreMoreExact(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		1234567 * time.Nanosecond: "1ms", 1260 * time.Millisecond: "1.3s", 61400 * time.Millisecond: "1m1s",
	} {
		assert.Equal(t, want, terminal.Elapsed(start, start.Add(d)))
	}
	assert.Empty(t, terminal.Elapsed(start, time.Time{}))
}

func TestCountAndJoin(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "1 row", terminal.Count(1, "row", "rows"))
	assert.Equal(t, "0 rows", terminal.Count(0, "row", "rows"))
	assert.Equal(t, "a, b", terminal.Join("", "a", "", "b"))
	assert.Empty(t, terminal.Time(time.Time{}))
}
