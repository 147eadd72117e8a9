package ledger

// Dropped counts what was deleted at the end of its retention.
type Dropped struct {
	Tenants  int `json:"tenants"` // tenants examined
	Runs     int `json:"runs"`    // runs that lost their rows, issues and plan
	Chunks   int `json:"chunks"`
	Values   int `json:"values"`   // audit rows that lost their values
	Requests int `json:"requests"` // requests that lost their person and reason
}

// Plus returns the sum of both counts.
func (d Dropped) Plus(o Dropped) Dropped {
	return Dropped{
		Tenants: d.Tenants + o.Tenants, Runs: d.Runs + o.Runs, Chunks: d.Chunks + o.Chunks, Values: d.Values + o.Values,
		Requests: d.Requests + o.Requests,
	}
}
