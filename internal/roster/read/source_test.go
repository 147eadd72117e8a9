package read

import "github.com/rollcall/rollcall/internal/roster"

var (
	fromWorkday = roster.Source{
		Name: "Workday", User: "row of the user report", IDs: "workday", Provide: "add a column for it to the report", Policies: true,
	}
	fromWorkOS = roster.Source{
		Name:    "WorkOS",
		User:    "user",
		IDs:     "workos",
		Listed:  "workos:idp_id",
		Provide: "map an attribute to it",
	}
)
