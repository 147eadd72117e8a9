// Package roster turns what a directory said into people and groups that can be relied on.
//
// It holds the field table and its rules (RULES.md sections 1 to 3), the index of what is known, and the rules about
// the roster as a whole. It is pure: no context, no clock, no I/O. A row goes this way:
//
//	raw bytes ──Reader──▶ Row ──Rules──▶ User or issues ──Census──▶ roster: users tied to members, and the absent
package roster
