package roster

import (
	"math/bits"
	"slices"
)

// Codes is a set of warnings of one row, small enough for the index: each bit is a code in a field. The bits stand in the
// field table, and are kept in the database.
type WarningSet uint64

// warningBit is what one bit of Codes stands for.
type warningBit struct {
	code  Code
	field Field
}

// warningBits are all of them by bit. A bit of no code was never given out.
var warningBits = func() (all []warningBit) {
	for f := range Fields() {
		for bit, code := range f.row().warnings {
			for len(all) <= bit {
				all = append(all, warningBit{})
			}
			all[bit] = warningBit{code, f}
		}
	}
	return all
}()

// With returns c and the warning code in field f. Without a bit for it nothing changes.
func (c WarningSet) With(code Code, f Field) WarningSet {
	if bit := slices.Index(warningBits, warningBit{code, f}); bit >= 0 {
		c |= 1 << bit
	}
	return c
}

// Has tells whether the warning code in field f is in c.
func (c WarningSet) Has(code Code, f Field) bool {
	bit := slices.Index(warningBits, warningBit{code, f})
	return bit >= 0 && c&(1<<bit) != 0
}

// IssuesOf returns a row's warnings in the order of their bits. Bits of a newer release are left out, and so is an
// unmapped level, which is listed once for the whole report (Rules.Meet).
func IssuesOf(c WarningSet, who Identity) []Issue {
	var issues []Issue
	for rest := uint64(c); rest != 0; rest &= rest - 1 {
		bit := bits.TrailingZeros64(rest)
		if bit >= len(warningBits) || warningBits[bit].code == "" || warningBits[bit].code == CodeLevelUnmapped {
			continue
		}
		issues = append(issues, warningBits[bit].code.Issue(who, warningBits[bit].field))
	}
	return issues
}
