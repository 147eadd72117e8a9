package fault

import "fmt"

const retryHint = "Rollcall retries it, and nothing was written. If it lasts, look for a proxy in between " +
	"or a limit on the size of answers."

func formatHint(at At) string {
	return "Nothing was changed. Something else answered, such as a login, error or maintenance page. " + at.Format
}

// HTMLNotJSON is for a web page in place of JSON.
func HTMLNotJSON(at At) *Fault {
	return &Fault{
		Kind: KindHTMLNotJSON, Actor: Customer, Hint: formatHint(at),
		Detail: fmt.Sprintf("%s sent a web page (HTML) in place of %s", at.Source, at.Part),
	}
}

// XMLNotJSON is for XML in place of JSON.
func XMLNotJSON(at At) *Fault {
	return &Fault{
		Kind: KindXMLNotJSON, Actor: Customer, Hint: formatHint(at),
		Detail: fmt.Sprintf("%s sent XML in place of %s as JSON", at.Source, at.Part),
	}
}

// NotJSON is for a body that doesn't begin as JSON, from byte offset on.
func NotJSON(at At, offset int64) *Fault {
	return &Fault{
		Kind: KindNotJSON, Actor: Customer, Hint: formatHint(at),
		Detail: fmt.Sprintf("what %s sent as %s is not JSON at byte %d", at.Source, at.Part, offset),
	}
}

// BodyInvalid is for a body that came whole and breaks the rules of JSON. It is not retried, because the same byte is
// wrong each time. row and position count from 1; row 0 means outside the rows.
func BodyInvalid(at At, row int, position int64) *Fault {
	place := fmt.Sprintf("row %d", row)
	if row == 0 {
		place = "outside the rows"
	}
	return &Fault{
		Kind: KindBodyInvalid, Actor: Customer,
		Hint:   "It is the same each time, so Rollcall doesn't retry it, and nothing was written. " + at.Row,
		Detail: fmt.Sprintf("what %s sent as %s is not valid JSON at byte %d (%s)", at.Source, at.Part, position, place),
	}
}

// EncodingUnsupported is for a body with a content encoding that was not requested.
func EncodingUnsupported(at At) *Fault {
	return &Fault{
		Kind: KindEncodingUnsupported, Actor: Operator,
		Detail: fmt.Sprintf("%s sent %s in an encoding other than gzip", at.Source, at.Part),
		Hint:   "Look for a proxy in between that changes the compression of responses.",
	}
}

// ReportError is for an error message with status 200, in place of rows or among them.
func ReportError(at At) *Fault {
	return &Fault{
		Kind: KindReportError, Actor: Customer,
		Detail: fmt.Sprintf("%s answered with an error message (status 200) in place of %s", at.Source, at.Part),
		Hint: "Run the report by hand as the integration system user to see the message; prompts without default " +
			"values and calculated fields are usual causes.",
	}
}

// ReportEntryMissing is for JSON that is not a report.
func ReportEntryMissing(at At) *Fault {
	return &Fault{
		Kind: KindReportEntryMissing, Actor: Customer,
		Detail: fmt.Sprintf("what %s sent as %s has no list Report_Entry", at.Source, at.Part),
		Hint: "See that the address is the JSON address of an Advanced report that is enabled as a web service " +
			"(report's actions, Web Service, View URLs).",
	}
}

// BodyTruncated is for a body that ended too early.
func BodyTruncated(at At, cause error) *Fault {
	return &Fault{
		Kind: KindBodyTruncated, Retry: true, Actor: Nobody, Cause: cause, Hint: retryHint,
		Detail: fmt.Sprintf("what %s sent of %s ended too early", at.Source, at.Part),
	}
}

// BodyDamaged is for a body that can't be decompressed or has a wrong checksum.
func BodyDamaged(at At, cause error) *Fault {
	return &Fault{
		Kind: KindBodyDamaged, Retry: true, Actor: Nobody, Cause: cause, Hint: retryHint,
		Detail: fmt.Sprintf("what %s sent of %s was damaged in transit", at.Source, at.Part),
	}
}

// TrailingData is for data after the end of the JSON. Like BodyInvalid, it is not retried.
func TrailingData(at At) *Fault {
	return &Fault{
		Kind: KindTrailingData, Actor: Operator,
		Hint:   "Nothing was written. Look for a proxy in between that adds something to responses.",
		Detail: fmt.Sprintf("something follows the end of %s in what %s sent", at.Part, at.Source),
	}
}

// RowTooLarge is for a value larger than limit bytes that isn't one of several rows. Such a row is rejected alone.
func RowTooLarge(at At, limit int) *Fault {
	return &Fault{
		Kind: KindRowTooLarge, Actor: Customer,
		Detail: fmt.Sprintf(
			"a value before or after the rows of %s, or its only row, is larger than %d bytes", at.Part, limit,
		),
		Hint: "Take columns that hold documents, photos or whole histories out of the report.",
	}
}

// DirectoryNotLinked is for a directory that has lost its connection. state is the source's word for its state.
func DirectoryNotLinked(at At, state string) *Fault {
	return &Fault{
		Kind: KindDirectoryNotLinked, Actor: Customer,
		Detail: fmt.Sprintf("the directory at %s is not linked (it is %s)", at.Source, state),
		Hint: "Open the directory in the " + at.Source + " dashboard: the customer's admin connects it again " +
			"there; until then nothing is read or changed.",
	}
}

// EmptyPage is for a page without entries that has a next cursor. Taking it for the end would lose the rest.
func EmptyPage(at At) *Fault {
	return &Fault{
		Kind: KindEmptyPage, Retry: true, Actor: Nobody, Hint: retryHint,
		Detail: fmt.Sprintf("%s sent an empty page of %s that says more would follow", at.Source, at.Part),
	}
}

// CursorRepeated is for a page whose next cursor was used before.
func CursorRepeated(at At) *Fault {
	return &Fault{
		Kind: KindCursorRepeated, Retry: true, Actor: Nobody, Hint: retryHint,
		Detail: fmt.Sprintf("%s sent the same cursor twice in %s", at.Source, at.Part),
	}
}

// CursorRefused is for a cursor that the source does not accept. An attempt reads from the beginning once. If a cursor
// is refused again, a retry can't help.
func CursorRefused(at At) *Fault {
	return &Fault{
		Kind: KindCursorRefused, Actor: Nobody,
		Detail: fmt.Sprintf("%s does not accept the cursor of the last page of %s", at.Source, at.Part),
		Hint: "Rollcall read from the beginning once, and it happened again. The next sync reads from the beginning; " +
			"start one with `starter resync` if it is urgent.",
	}
}

// PageMalformed is for a page without its entries or its pagination data. why names the mistake, not the content.
func PageMalformed(at At, why string) *Fault {
	return &Fault{
		Kind: KindPageMalformed, Retry: true, Actor: Nobody, Hint: retryHint,
		Detail: fmt.Sprintf("%s sent an invalid page of %s: %s", at.Source, at.Part, why),
	}
}
