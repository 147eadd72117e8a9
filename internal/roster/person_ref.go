package roster

// PersonRef names a person in a tenant's settings by the Key of the external id or of the email. A run stores no
// more of them.
type PersonRef struct {
	External uint64 `json:"external,omitempty"` // of an external id of any kind
	Email    uint64 `json:"email,omitempty"`
}
