package workos

import (
	"sync"

	"golang.org/x/time/rate"
)

// DefaultRate is how many requests a second one directory allows. Source: WorkOS API reference, "Rate limits", Directory
// Sync: /directory_users, 4 requests per second per directory.
const DefaultRate = 4

// Limiters holds one limiter for each directory, so that all who read the same one in this process share its rate. Make
// one in main.
type Limiters struct {
	perSecond rate.Limit
	mu        sync.Mutex
	limiters  map[string]*rate.Limiter
}

// NewLimiters makes limiters of that many requests a second; 0 means DefaultRate.
func NewLimiters(perSecond float64) *Limiters {
	if perSecond == 0 {
		perSecond = DefaultRate
	}
	return &Limiters{perSecond: rate.Limit(perSecond), limiters: map[string]*rate.Limiter{}}
}

// slack is the part of the rate that is left unused: requests sent exactly in step reach WorkOS a little out of it, and
// five that come within a second are one too many.
const slack = 0.05

// of is the limiter of a directory. It lets no two requests go at once: a burst would be over the limit of some second.
func (l *Limiters) of(directory string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.limiters[directory]
	if !ok {
		limiter = rate.NewLimiter(l.perSecond*(1-slack), 1)
		l.limiters[directory] = limiter
	}
	return limiter
}
