package terminal

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestProgressOnATerminalIsOneLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &Progress{out: &out, live: true}
	p.Show("acme reads the directory", "500 users", 12*time.Second)
	p.Show("acme "+strings.Repeat("é", 100), "", 0)
	p.Clear()
	p.Clear()
	const erase = "\r\x1b[K"
	assert.Equal(t, erase+"acme reads the directory: 500 users (12s)"+erase+"acme "+strings.Repeat("é", lineWidth-6)+
		"…"+erase, out.String())
}

func TestProgressElsewhereIsALineForEachStep(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := NewProgress(&out)
	p.Show("a reads", "1 user", time.Second)
	p.Show("a reads", "2 users", 2*time.Second)
	p.Show("a checks", "", 0)
	p.Clear()
	assert.Equal(t, "a reads: 1 user\na checks\n", out.String())
}
