package ledger

// CustomDropped says which values of custom fields were removed.
type CustomDropped struct {
	Fields  []string `json:"fields"`  // names of fields that a member had a value of, sorted
	Members int      `json:"members"` // members who lost a value
}
