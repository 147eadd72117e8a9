package roster

// Severity says whether an issue cost the whole row or only a field.
type Severity string

// The severities.
const (
	Rejected Severity = "rejected" // the row was not used; an existing member stays as it is
	Warning  Severity = "warning"  // the row was used; the field named stays as it is, or is kept though doubtful
)

// Issue is one thing to put right in the directory. Detail and Hint hold no personal data; ExternalID and Email are
// the row's identity for the customer's admin and never leave the store but in a report.
type Issue struct {
	Row        int      `json:"row,omitempty"` // 1-based; 0 when it concerns the report as a whole
	ExternalID string   `json:"external_id,omitempty"`
	Email      string   `json:"email,omitempty"`
	Field      string   `json:"field,omitempty"`
	Code       Code     `json:"code"`
	Severity   Severity `json:"severity"`
	Detail     string   `json:"detail"`
	Hint       string   `json:"hint"`
}

// Identity is what names a row in an issue. The zero Identity is the report as a whole.
type Identity struct {
	Row        int
	ExternalID string
	Email      string
}

// Identity is the identity of the user's row.
func (u User) Identity() Identity {
	return Identity{Row: u.Row, ExternalID: u.ExternalID, Email: u.Values[Email]}
}

// Of makes the issue of code c in field f (or NoField) of one row, with severity, detail and hint from the table.
// Whoever knows more may replace the Detail.
func (c Code) Issue(who Identity, f Field) Issue {
	about := codes[c]
	return Issue{
		Row: who.Row, ExternalID: who.ExternalID, Email: who.Email,
		Field: f.String(), Code: c, Severity: c.Severity(f), Detail: about.detail, Hint: about.hint,
	}
}

// WithDetail is the issue with another detail than its code's.
func (i Issue) WithDetail(detail string) Issue {
	i.Detail = detail
	return i
}
