package ledger

// Dropped counts what was dropped because it was kept long enough.
type Dropped struct {
	Tenants  int `json:"tenants"` // looked at
	Runs     int `json:"runs"`    // that lost rows, issues and plan
	Chunks   int `json:"chunks"`
	Values   int `json:"values"`   // audit rows that lost their values
	Requests int `json:"requests"` // that lost who asked and why
}

// Plus is the sum.
func (d Dropped) Plus(o Dropped) Dropped {
	return Dropped{
		Tenants: d.Tenants + o.Tenants, Runs: d.Runs + o.Runs, Chunks: d.Chunks + o.Chunks, Values: d.Values + o.Values,
		Requests: d.Requests + o.Requests,
	}
}
