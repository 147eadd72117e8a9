package ledger

import (
	"time"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
)

// Withheld is a removal that was rejected, or that nobody decided about in time.
type Withheld struct {
	plan.Withheld
	Plan    string      // in which it was shown
	Outcome run.Outcome // Rejected or Expired
	Request string      // of who rejected it
	At      time.Time
}
