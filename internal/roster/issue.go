package roster

// Severity says whether an issue costs the whole row, only a field, or nothing.
type Severity string

// The severities.
const (
	Rejected    Severity = "rejected"    // the row is not used; an existing member stays unchanged
	Warning     Severity = "warning"     // the row is used; the field stays unchanged, or its value is used though doubtful
	Information Severity = "information" // the row is used, and there is nothing to correct
)

// Issue is one thing to correct in the directory. Detail and Hint hold no personal data. ExternalID and Email
// identify the row for the customer's admin. They leave the store only in a report.
type Issue struct {
	Row        int      `json:"row,omitempty"` // from 1; 0 if the issue concerns the whole report
	ExternalID string   `json:"external_id,omitempty"`
	Email      string   `json:"email,omitempty"`
	Field      string   `json:"field,omitempty"`
	Code       Code     `json:"code"`
	Severity   Severity `json:"severity"`
	Detail     string   `json:"detail"`
	Hint       string   `json:"hint"`

	// Values are those of the cell that could not be used. There are none if the words of the column are counted, or if
	// the row is a known one, which isn't judged again. They leave the store only in a report.
	Values []OffendingValue `json:"values,omitempty"`
	Rows   int              `json:"rows,omitempty"` // of an issue of the whole report: the rows with the value; 0: unknown
}

// Identity identifies a row in an issue. The zero Identity stands for the whole report.
type Identity struct {
	Row        int
	ExternalID string
	Email      string
}

// Identity returns the identity of the user's row.
func (u User) Identity() Identity {
	return Identity{Row: u.Row, ExternalID: u.ExternalID, Email: u.Values[Email]}
}

// Issue returns the issue with code c in field f (or NoField) of a row. Severity, detail and hint come from the
// table.
func (c Code) Issue(who Identity, f Field) Issue {
	about := codes[c]
	return Issue{
		Row: who.Row, ExternalID: who.ExternalID, Email: who.Email,
		Field: f.String(), Code: c, Severity: c.Severity(f), Detail: about.detail, Hint: about.hint,
	}
}

// RejectUnclear returns the issues that keep somebody new out: those about a field or a scope column that says who is in.
func RejectUnclear(issues []Issue) []Issue {
	var rejecting []Issue
	for _, issue := range issues {
		if f, _ := ParseField(issue.Field); f.Decides() || issue.Code == CodeScopeEmpty {
			issue.Severity = Rejected
			rejecting = append(rejecting, issue)
		}
	}
	return rejecting
}

// WithDetail returns the issue with another detail.
func (i Issue) WithDetail(detail string) Issue {
	i.Detail = detail
	return i
}
