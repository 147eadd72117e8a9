package roster

import (
	"math/bits"
	"slices"
)

// Codes is a set of warnings of one row, small enough for the index: each bit is a code in a field. Bits are kept in
// the database: only ever add to the end of doubts.
type Codes uint32

// doubt is what one bit of Codes stands for.
type doubt struct {
	code  Code
	field Field
}

var doubts = []doubt{
	{CodeNotYesOrNo, PeopleManager},
	{CodeEmailInvalid, ManagerEmail},
	{CodeLocaleUnsupported, Locale},
	{CodeStatusUnknown, Status},
	{CodeUnknownGroup, Groups},
	{CodeSeveralValues, JobTitle},
	{CodeSeveralValues, BusinessUnit},
	{CodeSeveralValues, JobFunction},
	{CodeSeveralValues, PeopleManager},
	{CodeSeveralValues, ManagerEmail},
	{CodeSeveralValues, City},
	{CodeSeveralValues, Country},
	{CodeSeveralValues, Office},
	{CodeSeveralValues, Locale},
	{CodeSeveralValues, Status},
	{CodeSeveralValues, ExternalID},
	{CodeTextDamaged, JobTitle},
	{CodeTextDamaged, BusinessUnit},
	{CodeTextDamaged, JobFunction},
	{CodeTextDamaged, City},
	{CodeTextDamaged, Country},
	{CodeTextDamaged, Office},
	{CodeTextDamaged, ExternalID},
	{CodeLevelUnmapped, ManagementLevel},
	{CodeManagerErased, ManagerEmail},
}

// With is c and the warning code in field f; what no bit stands for changes nothing.
func (c Codes) With(code Code, f Field) Codes {
	if bit := slices.Index(doubts, doubt{code, f}); bit >= 0 {
		c |= 1 << bit
	}
	return c
}

// Has tells whether the warning code in field f is in c.
func (c Codes) Has(code Code, f Field) bool {
	bit := slices.Index(doubts, doubt{code, f})
	return bit >= 0 && c&(1<<bit) != 0
}

// IssuesOf spells out a row's warnings, in the order of their bits. Bits of a newer release are left out, and so is an
// unmapped level, which is listed once for the whole report (Rules.Meet).
func IssuesOf(c Codes, who Identity) []Issue {
	var issues []Issue
	for rest := uint32(c); rest != 0; rest &= rest - 1 {
		if bit := bits.TrailingZeros32(rest); bit < len(doubts) && doubts[bit].code != CodeLevelUnmapped {
			issues = append(issues, doubts[bit].code.Of(who, doubts[bit].field))
		}
	}
	return issues
}
