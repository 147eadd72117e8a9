// Package validation judges a snapshot. It judges each row that isn't known, and then checks all rows against each
// other. Accepted users become the roster. Everything else becomes issues. Both are staged.
//
// A row is nearly always judged once. While rows are read, each accepted user is added to the roster tentatively, as if
// no other row conflicted with it. When all rows have been checked, only chunks of the roster that have a row with
// issues are read again. A chunk is written again only if a row of it isn't used after all, or belongs to another
// member.
package validation
