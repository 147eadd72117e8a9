package roster

// Limits of a tenant. A directory beyond one fails the sync.
const (
	MaxPeople      = 2_000_000  // rows of a directory's users
	MaxMemberships = 20_000_000 // memberships that a directory lists, or that its rows name
)
