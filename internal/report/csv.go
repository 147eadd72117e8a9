package report

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// columns are the columns of the table. Issues, changes and values share one table and differ in the column kind. A
// change has one line for each changed field. A value line counts the rows with one offending value of a cause.
var columns = []string{
	"kind", "severity", "code", "row", "external_id", "email", "field", "detail", "hint",
	"seq", "at", "op", "member", "group", "group_name", "before", "after", "why", "part",
	"value", "rows",
}

// byteOrderMark tells spreadsheet programs that the text is UTF-8.
const byteOrderMark = "\ufeff"

func writeCSV(w *bufio.Writer, in Input) error {
	if _, err := w.WriteString(byteOrderMark); err != nil {
		return err
	}
	table := csv.NewWriter(w)
	table.UseCRLF = true
	if err := table.Write(columns); err != nil {
		return err
	}
	found := causes{}
	for issue, err := range in.Issues {
		if err != nil {
			return err
		}
		found.add(issue, 0)
		if err := table.Write(issueLine(issue)); err != nil {
			return err
		}
	}
	if err := found.complete(in.Earlier); err != nil {
		return err
	}
	for _, c := range found.worstFirst() {
		for _, cells := range valueLines(c) {
			if err := table.Write(cells); err != nil {
				return err
			}
		}
	}
	for change, err := range in.Changes {
		if err != nil {
			return err
		}
		for _, cells := range changeLines(change) {
			if err := table.Write(cells); err != nil {
				return err
			}
		}
	}
	table.Flush()
	return table.Error()
}

func issueLine(i roster.Issue) []string {
	row := ""
	if i.Row > 0 {
		row = strconv.Itoa(i.Row)
	}
	return line(map[string]string{
		"kind": "issue", "severity": string(i.Severity), "code": string(i.Code), "row": row,
		"external_id": i.ExternalID, "email": i.Email, "field": i.Field, "detail": i.Detail, "hint": i.Hint,
		"value": strings.Join(valueTexts(i), "; "),
	})
}

// valueLines are the offending values of a cause, worst first. The last line, without a value, counts the rows with
// others.
func valueLines(c *cause) (lines [][]string) {
	worst, others := c.values.Worst(valueCount)
	if others > 0 {
		worst = append(worst, roster.OffendingCount{Rows: others})
	}
	for _, v := range worst {
		lines = append(lines, line(map[string]string{
			"kind": "value", "severity": string(c.severity), "code": string(c.code), "field": c.field, "value": v.Value,
			"rows": strconv.Itoa(v.Rows),
		}))
	}
	return lines
}

func changeLines(c Change) [][]string {
	cells := map[string]string{
		"kind": "change", "op": c.Op, "member": idText(c.Member), "group": idText(c.Group), "why": c.Why,
		"part": string(c.Part), "email": c.Email, "group_name": c.GroupName,
	}
	if c.Seq > 0 {
		cells["seq"] = strconv.FormatInt(c.Seq, 10)
	}
	if !c.At.IsZero() {
		cells["at"] = c.At.UTC().Format(time.RFC3339)
	}
	if len(c.Fields) == 0 {
		return [][]string{line(cells)}
	}
	lines := make([][]string, 0, len(c.Fields))
	for _, field := range slices.Sorted(maps.Keys(c.Fields)) {
		cells["field"] = field
		cells["before"], cells["after"] = valueText(c.Fields[field][0], ""), valueText(c.Fields[field][1], "")
		lines = append(lines, line(cells))
	}
	return lines
}

func line(cells map[string]string) []string {
	list := make([]string, len(columns))
	for i, column := range columns {
		list[i] = escapeFormula(cells[column])
	}
	return list
}

// formulaStarts are the characters that may begin a formula in a spreadsheet, including the full-width forms of East
// Asian settings.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// escapeFormula returns text that no spreadsheet evaluates. It puts an apostrophe before text that could be a formula.
func escapeFormula(text string) string {
	if start, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " \u00a0")); strings.ContainsRune(formulaStarts,
		start) {
		return "'" + text
	}
	return text
}

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// valueText formats the value of a field. A boolean is "yes" or "no", as in the directory. Nil is empty.
func valueText(value any, empty string) string {
	switch v := value.(type) {
	case nil:
		return empty
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}
