package roster

import (
	"math/bits"
	"slices"
)

// WarningSet is the set of warnings of one row. It is small enough for the index: each bit stands for a code in a
// field. The field table assigns the bits. The database stores them, so never reuse one.
type WarningSet uint64

// warningBit is the meaning of one bit.
type warningBit struct {
	code  Code
	field Field
}

// warningBits are the meanings of all bits, by bit. An unassigned bit has no code.
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

// With returns c with the warning added. A warning without a bit is ignored.
func (c WarningSet) With(code Code, f Field) WarningSet {
	if bit := slices.Index(warningBits, warningBit{code, f}); bit >= 0 {
		c |= 1 << bit
	}
	return c
}

// Has reports whether c has the warning.
func (c WarningSet) Has(code Code, f Field) bool {
	bit := slices.Index(warningBits, warningBit{code, f})
	return bit >= 0 && c&(1<<bit) != 0
}

// IssuesOf returns the warnings in c as issues of one row, in the order of their bits. It leaves out bits that it
// doesn't know, and an unmapped level, which Rules.Report lists once for the whole report.
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
