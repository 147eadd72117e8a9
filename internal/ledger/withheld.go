package ledger

import (
	"time"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
)

// Withheld is a removal that was shown and then rejected, or that nobody decided about in time.
type Withheld struct {
	plan.Removal
	Plan    string
	Outcome run.Outcome // Rejected or Expired
	Request string      // the id of the request that rejected it; "" if it expired
	At      time.Time
}
