package fault

// The kinds of faults. Each has one constructor.
const (
	// Connection, credentials and addresses.
	KindAddressRefused     Kind = "address_refused"
	KindRedirectRefused    Kind = "redirect_refused"
	KindCredentialsRefused Kind = "credentials_refused"
	KindTokenRefused       Kind = "token_refused"
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

	// The body of a response.
	KindHTMLNotJSON         Kind = "html_not_json"
	KindXMLNotJSON          Kind = "xml_not_json"
	KindNotJSON             Kind = "not_json"
	KindBodyInvalid         Kind = "body_invalid"
	KindEncodingUnsupported Kind = "encoding_unsupported"
	KindReportError         Kind = "report_error"
	KindReportEntryMissing  Kind = "report_entry_missing"
	KindBodyTruncated       Kind = "body_truncated"
	KindBodyDamaged         Kind = "body_damaged"
	KindTrailingData        Kind = "trailing_data"
	KindRowTooLarge         Kind = "row_too_large"

	// A paged directory.
	KindDirectoryNotLinked Kind = "directory_not_linked"
	KindEmptyPage          Kind = "empty_page"
	KindCursorRepeated     Kind = "cursor_repeated"
	KindCursorRefused      Kind = "cursor_refused"
	KindPageMalformed      Kind = "page_malformed"

	// The data as a whole.
	KindColumnMissing   Kind = "column_missing"
	KindEmptyDirectory  Kind = "empty_directory"
	KindAllRejected     Kind = "all_rejected"
	KindAllDeparted     Kind = "all_departed"
	KindNoneStarted     Kind = "none_started"
	KindAllOutOfScope   Kind = "all_out_of_scope"
	KindSentinelMissing Kind = "sentinel_missing"
	KindMalformedRow    Kind = "malformed_row"
	KindTooManyColumns  Kind = "too_many_columns"
	KindTooLarge        Kind = "too_large"
	KindKeyCollision    Kind = "key_collision"

	// Alerts.
	KindHookRefused Kind = "hook_refused"
	KindHookFailed  Kind = "hook_failed"

	// Rollcall itself.
	KindStalled               Kind = "stalled"
	KindSuperseded            Kind = "superseded"
	KindStoreUnavailable      Kind = "store_unavailable"
	KindNewerRelease          Kind = "newer_release"
	KindCredentialsUnreadable Kind = "credentials_unreadable"
	KindTenantUnknown         Kind = "tenant_unknown"
	KindNotUndoable           Kind = "not_undoable"
	KindInterrupted           Kind = "interrupted"
	KindTimedOut              Kind = "timed_out"
	KindCanceled              Kind = "canceled"
	KindInternal              Kind = "internal"
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{
		KindAddressRefused, KindRedirectRefused, KindCredentialsRefused, KindTokenRefused, KindAccessForbidden, KindNotFound,
		KindTaskNotAuthorized, KindRequestRefused, KindRateLimited, KindServerError, KindHostUnresolved,
		KindUnreachable, KindTLSFailed, KindConnectionLost, KindFirstByteTimeout, KindIdleTimeout,
		KindHTMLNotJSON, KindXMLNotJSON, KindNotJSON, KindBodyInvalid, KindEncodingUnsupported, KindReportError,
		KindReportEntryMissing, KindBodyTruncated, KindBodyDamaged, KindTrailingData, KindRowTooLarge,
		KindDirectoryNotLinked, KindEmptyPage, KindCursorRepeated, KindCursorRefused, KindPageMalformed,
		KindColumnMissing, KindEmptyDirectory, KindAllRejected, KindAllDeparted, KindNoneStarted, KindAllOutOfScope,
		KindSentinelMissing, KindMalformedRow, KindTooManyColumns, KindTooLarge,
		KindKeyCollision,
		KindHookRefused, KindHookFailed,
		KindStalled, KindSuperseded, KindStoreUnavailable, KindNewerRelease, KindCredentialsUnreadable,
		KindTenantUnknown, KindNotUndoable,
		KindInterrupted, KindTimedOut, KindCanceled, KindInternal,
	}
}
