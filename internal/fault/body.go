package fault

import "fmt"

const formatHint = "Open the address in a browser as the integration system user: a login or error page means an expired password, a locked " +
	"account or maintenance. See that the address is the report's JSON web service address (it ends in format=json)."

const retryHint = "It is tried again by itself, and nothing was written. If it lasts, look for a proxy in between or a limit on the size of answers."

// HTMLNotJSON: a web page came in place of data.
func HTMLNotJSON(at At) *Fault {
	return &Fault{
		Kind: KindHTMLNotJSON, Actor: Customer, Hint: formatHint,
		Detail: fmt.Sprintf("%s sent a web page (HTML) in place of %s", at.Source, at.Part),
	}
}

// XMLNotJSON: XML came in place of JSON.
func XMLNotJSON(at At) *Fault {
	return &Fault{
		Kind: KindXMLNotJSON, Actor: Customer, Hint: formatHint,
		Detail: fmt.Sprintf("%s sent XML in place of %s as JSON", at.Source, at.Part),
	}
}

// NotJSON: what came is not JSON, or stops being JSON at that byte.
func NotJSON(at At, offset int64) *Fault {
	return &Fault{
		Kind: KindNotJSON, Actor: Customer, Hint: formatHint,
		Detail: fmt.Sprintf("what %s sent as %s is not JSON at byte %d", at.Source, at.Part, offset),
	}
}

// EncodingUnsupported: the body is packed in a way that was not asked for.
func EncodingUnsupported(at At) *Fault {
	return &Fault{
		Kind: KindEncodingUnsupported, Actor: Operator,
		Detail: fmt.Sprintf("%s sent %s in an encoding other than gzip", at.Source, at.Part),
		Hint:   "Look for a proxy in between that packs answers anew.",
	}
}

// ReportError: an error message came with status 200, in place of rows or among them.
func ReportError(at At) *Fault {
	return &Fault{
		Kind: KindReportError, Actor: Customer,
		Detail: fmt.Sprintf("%s answered with an error message (status 200) in place of %s", at.Source, at.Part),
		Hint:   "Run the report by hand as the integration system user to see the message; prompts without default values and calculated fields are usual causes.",
	}
}

// ReportEntryMissing: the JSON is not a report.
func ReportEntryMissing(at At) *Fault {
	return &Fault{
		Kind: KindReportEntryMissing, Actor: Customer,
		Detail: fmt.Sprintf("what %s sent as %s has no list Report_Entry", at.Source, at.Part),
		Hint:   "See that the address is the JSON address of an Advanced report that is enabled as a web service (report's actions, Web Service, View URLs).",
	}
}

// BodyTruncated: the body ended before its end.
func BodyTruncated(at At, cause error) *Fault {
	return &Fault{
		Kind: KindBodyTruncated, Retry: true, Actor: Nobody, Cause: cause, Hint: retryHint,
		Detail: fmt.Sprintf("what %s sent of %s ends too early", at.Source, at.Part),
	}
}

// BodyDamaged: the body can't be unpacked, or its checksum is wrong.
func BodyDamaged(at At, cause error) *Fault {
	return &Fault{
		Kind: KindBodyDamaged, Retry: true, Actor: Nobody, Cause: cause, Hint: retryHint,
		Detail: fmt.Sprintf("what %s sent of %s was damaged on its way", at.Source, at.Part),
	}
}

// TrailingData: something follows the end of the JSON.
func TrailingData(at At) *Fault {
	return &Fault{
		Kind: KindTrailingData, Retry: true, Actor: Nobody, Hint: retryHint,
		Detail: fmt.Sprintf("something follows the end of %s in what %s sent", at.Part, at.Source),
	}
}

// RowTooLarge: one row (or one value outside the rows, then row is 0) is larger than the limit, in bytes.
func RowTooLarge(at At, row, limit int) *Fault {
	detail := fmt.Sprintf("row %d of %s is larger than %d bytes", row, at.Part, limit)
	if row == 0 {
		detail = fmt.Sprintf("a value before or after the rows of %s is larger than %d bytes", at.Part, limit)
	}
	return &Fault{
		Kind: KindRowTooLarge, Actor: Customer, Detail: detail,
		Hint: "Take columns that hold documents, photos or whole histories out of the report.",
	}
}

// DirectoryNotLinked: the directory's connection at the source isn't whole. state is one of the source's own words.
func DirectoryNotLinked(at At, state string) *Fault {
	return &Fault{
		Kind: KindDirectoryNotLinked, Actor: Customer,
		Detail: fmt.Sprintf("the directory at %s is not linked (it is %s)", at.Source, state),
		Hint:   "Open the directory in the " + at.Source + " dashboard: the customer's admin connects it again there; until then nothing is read or changed.",
	}
}

// EmptyPage: a page without entries says that more follow: the rest would be lost without a word.
func EmptyPage(at At) *Fault {
	return &Fault{
		Kind: KindEmptyPage, Retry: true, Actor: Nobody, Hint: retryHint,
		Detail: fmt.Sprintf("%s sent an empty page of %s that says more would follow", at.Source, at.Part),
	}
}

// CursorRepeated: a page points back to one that was read.
func CursorRepeated(at At) *Fault {
	return &Fault{
		Kind: KindCursorRepeated, Retry: true, Actor: Nobody, Hint: retryHint,
		Detail: fmt.Sprintf("%s sent the same cursor twice in %s", at.Source, at.Part),
	}
}

// CursorRefused: the source no longer knows the place to go on from. Another try from there can't help; a new sync
// starts at the beginning.
func CursorRefused(at At) *Fault {
	return &Fault{
		Kind: KindCursorRefused, Actor: Nobody,
		Detail: fmt.Sprintf("%s doesn't go on from the page of %s that was kept last", at.Source, at.Part),
		Hint:   "The next sync reads from the beginning; start one with `starter resync` if it is urgent.",
	}
}

// PageMalformed: a page lacks its list or its statement of what follows. why names what, not its content.
func PageMalformed(at At, why string) *Fault {
	return &Fault{
		Kind: KindPageMalformed, Retry: true, Actor: Nobody, Hint: retryHint,
		Detail: fmt.Sprintf("%s sent a page of %s that can't be relied on: %s", at.Source, at.Part, why),
	}
}
