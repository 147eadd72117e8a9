package workos

import (
	"sync"

	"golang.org/x/time/rate"
)

// DefaultRate is WorkOS's limit on /directory_users, in requests per second per directory (API reference, "Rate
// limits", Directory Sync).
const DefaultRate = 4

// Limiters holds one rate limiter per directory, so all readers of a directory in this process share its rate. A
// process needs only one Limiters. It is safe for concurrent use.
type Limiters struct {
	perSecond rate.Limit
	mu        sync.Mutex
	limiters  map[string]*rate.Limiter
}

// NewLimiters returns limiters for perSecond requests per second per directory. 0 means DefaultRate.
func NewLimiters(perSecond float64) *Limiters {
	if perSecond == 0 {
		perSecond = DefaultRate
	}
	return &Limiters{perSecond: rate.Limit(perSecond), limiters: map[string]*rate.Limiter{}}
}

// slack is the unused part of the rate. Network delays vary, so requests sent at the exact rate may exceed it when they
// arrive.
const slack = 0.05

// forDirectory returns the limiter of a directory. It allows no bursts, because a burst would exceed the rate.
func (l *Limiters) forDirectory(directory string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.limiters[directory]
	if !ok {
		limiter = rate.NewLimiter(l.perSecond*(1-slack), 1)
		l.limiters[directory] = limiter
	}
	return limiter
}
