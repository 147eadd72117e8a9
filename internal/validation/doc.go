// Package validation judges a snapshot: each row that is not known, and then all rows together. Accepted people become the
// roster, and everything else is listed as issues. Both are staged.
//
// A row is judged once. While rows are read, each accepted one goes into the roster as if no other row got in its way,
// because that is nearly always so. When all rows have been checked against each other, only those chunks of the roster are
// gone through again that have a row with issues, and only those are written again in which a row turned out otherwise.
package validation
