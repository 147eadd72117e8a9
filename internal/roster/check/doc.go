// Package check compares the rows of one complete report with each other and with the tenant's members.
//
// Package roster judges each row by itself. This package judges the rows together: it finds the member to whom each row
// belongs, duplicates and contradictions, loops of managers, and the members who are absent. It is used in three steps:
//
//	c := check.New(index, run, report, links)
//	c.See, c.Accept, c.Reject         // each row of the report once, in any order
//	findings, err := c.Close(lookUp)  // then ask findings about users, members and issues
//
// An Index holds the tenant's members in little memory. A report of a million rows is never held as a whole either: the
// package stores the hashed keys of a row, and the caller reads the rows again.
//
// The package is pure: it knows no context, clock or I/O. Its findings don't depend on the order of the calls.
package check
