package roster

// Somebody is a person whom a tenant's settings name, by the Key of one thing: a round needs no more of them, and keeps
// no names.
type PersonRef struct {
	External uint64 `json:"external,omitempty"` // of the external id, whatever its kind
	Email    uint64 `json:"email,omitempty"`
}
