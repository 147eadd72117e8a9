package simulator

import "strconv"

// Person is a person on a day, with the values that Rollcall should store.
type Person struct {
	Number          int      `json:"number"` // from 0, in the order of joining
	ExternalID      string   `json:"external_id"`
	FirstName       string   `json:"first_name"`
	LastName        string   `json:"last_name"`
	Email           string   `json:"email"`
	ManagementLevel string   `json:"management_level"` // as written in the directory
	Role            string   `json:"role"`             // the role of that level
	JobTitle        string   `json:"job_title"`
	BusinessUnit    string   `json:"business_unit"`
	JobFunction     string   `json:"job_function"`
	PeopleManager   string   `json:"people_manager"` // "yes", "no" or ""
	ManagerEmail    string   `json:"manager_email"`
	City            string   `json:"city"`
	Country         string   `json:"country"`
	Office          string   `json:"office"`
	Locale          string   `json:"locale"`
	Status          string   `json:"status"` // "active" or "inactive"
	Groups          []string `json:"groups"` // names, sorted

	updated      int  // day of the last change
	alwaysActive bool // was never inactive
}

// Fields returns the values by the field names of Rollcall's output, without groups.
func (p Person) Fields() map[string]string {
	return map[string]string{
		"external_id": p.ExternalID, "first_name": p.FirstName, "last_name": p.LastName, "email": p.Email,
		"management_level": p.ManagementLevel, "role": p.Role, "job_title": p.JobTitle, "business_unit": p.BusinessUnit,
		"job_function": p.JobFunction, "people_manager": p.PeopleManager, "manager_email": p.ManagerEmail,
		"city": p.City, "country": p.Country, "office": p.Office, "locale": p.Locale, "status": p.Status,
	}
}

// firstExternalID is the id of person 0. Real ids often have six digits.
const firstExternalID = 100001

func externalID(number int) string { return strconv.Itoa(firstExternalID + number) }
