package fault

// The kinds, each with one constructor of its own.
const (
	// At the source: connection, credentials, addresses.
	KindAddressRefused     Kind = "address_refused"
	KindRedirectRefused    Kind = "redirect_refused"
	KindCredentialsRefused Kind = "credentials_refused"
	KindAccessForbidden    Kind = "access_forbidden"
	KindNotFound           Kind = "not_found"
	KindTaskNotAuthorized  Kind = "task_not_authorized"
	KindRequestRefused     Kind = "request_refused"
	KindRateLimited        Kind = "rate_limited"
	KindServerError        Kind = "server_error"
	KindHostUnresolved     Kind = "host_unresolved"
	KindUnreachable        Kind = "unreachable"
	KindTLSFailed          Kind = "tls_failed"
	KindConnectionLost     Kind = "connection_lost"
	KindFirstByteTimeout   Kind = "first_byte_timeout"
	KindIdleTimeout        Kind = "idle_timeout"

	// In what the source sent.
	KindHTMLNotJSON         Kind = "html_not_json"
	KindXMLNotJSON          Kind = "xml_not_json"
	KindNotJSON             Kind = "not_json"
	KindEncodingUnsupported Kind = "encoding_unsupported"
	KindReportError         Kind = "report_error"
	KindReportEntryMissing  Kind = "report_entry_missing"
	KindBodyTruncated       Kind = "body_truncated"
	KindBodyDamaged         Kind = "body_damaged"
	KindTrailingData        Kind = "trailing_data"
	KindRowTooLarge         Kind = "row_too_large"

	// In a paged directory.
	KindDirectoryNotLinked Kind = "directory_not_linked"
	KindEmptyPage          Kind = "empty_page"
	KindCursorRepeated     Kind = "cursor_repeated"
	KindCursorRefused      Kind = "cursor_refused"
	KindPageMalformed      Kind = "page_malformed"

	// In the data as a whole.
	KindColumnMissing   Kind = "column_missing"
	KindEmptyDirectory  Kind = "empty_directory"
	KindSentinelMissing Kind = "sentinel_missing"
	KindMalformedRow    Kind = "malformed_row"
	KindTooManyColumns  Kind = "too_many_columns"
	KindKeyCollision    Kind = "key_collision"

	// Of alerts.
	KindHookRefused Kind = "hook_refused"
	KindHookFailed  Kind = "hook_failed"

	// On our side.
	KindStalled               Kind = "stalled"
	KindSuperseded            Kind = "superseded"
	KindStoreUnavailable      Kind = "store_unavailable"
	KindCredentialsUnreadable Kind = "credentials_unreadable"
	KindTenantUnknown         Kind = "tenant_unknown"
	KindNotUndoable           Kind = "not_undoable"
	KindInterrupted           Kind = "interrupted"
	KindTimedOut              Kind = "timed_out"
	KindCanceled              Kind = "canceled"
	KindInternal              Kind = "internal"
)

// Kinds lists every kind, for documents and for tests that want them all.
func Kinds() []Kind {
	return []Kind{
		KindAddressRefused, KindRedirectRefused, KindCredentialsRefused, KindAccessForbidden, KindNotFound,
		KindTaskNotAuthorized, KindRequestRefused, KindRateLimited, KindServerError, KindHostUnresolved,
		KindUnreachable, KindTLSFailed, KindConnectionLost, KindFirstByteTimeout, KindIdleTimeout,
		KindHTMLNotJSON, KindXMLNotJSON, KindNotJSON, KindEncodingUnsupported, KindReportError,
		KindReportEntryMissing, KindBodyTruncated, KindBodyDamaged, KindTrailingData, KindRowTooLarge,
		KindDirectoryNotLinked, KindEmptyPage, KindCursorRepeated, KindCursorRefused, KindPageMalformed,
		KindColumnMissing, KindEmptyDirectory, KindSentinelMissing, KindMalformedRow, KindTooManyColumns, KindKeyCollision,
		KindHookRefused, KindHookFailed,
		KindStalled, KindSuperseded, KindStoreUnavailable, KindCredentialsUnreadable, KindTenantUnknown, KindNotUndoable,
		KindInterrupted, KindTimedOut, KindCanceled, KindInternal,
	}
}
