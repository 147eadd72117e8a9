package fault

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const canary = "jane.doe@example.com?token=s3cret"

var place = At{
	Source: "Workday", Part: "the user report", Credential: "the integration system user's name and password",
	Check: "See the security group of the user.", Row: "Look at that row in the report.",
	Format: "Open the address.", Address: "Compare the address.", Failure: "run the report by hand", Empty: "Run the report.",
}

// made is one fault of every kind, with what is promised of it: a try again or not, and who acts.
func faults() map[Kind]struct {
	fault *Fault
	retry bool
	actor Actor
} {
	cause := errors.New(canary)
	type promise = struct {
		fault *Fault
		retry bool
		actor Actor
	}
	return map[Kind]promise{
		KindAddressRefused:        {AddressRefused(place, "its host is not allowed"), false, Operator},
		KindRedirectRefused:       {RedirectRefused(place, "to another host"), false, Operator},
		KindCredentialsRefused:    {CredentialsRefused(place), false, Customer},
		KindTokenRefused:          {TokenRefused(place, 400, "invalid_grant"), false, Customer},
		KindAccessForbidden:       {AccessForbidden(place), false, Customer},
		KindNotFound:              {NotFound(place, 404), false, Customer},
		KindTaskNotAuthorized:     {TaskNotAuthorized(place), false, Customer},
		KindRequestRefused:        {RequestRefused(place, 418), false, Operator},
		KindRateLimited:           {RateLimited(place, time.Minute), true, Nobody},
		KindServerError:           {ServerError(place, 599, 0), true, Nobody},
		KindHostUnresolved:        {HostUnresolved(place, cause), true, Operator},
		KindUnreachable:           {Unreachable(place, cause), true, Operator},
		KindTLSFailed:             {TLSFailed(place, cause), false, Operator},
		KindConnectionLost:        {ConnectionLost(place, cause), true, Nobody},
		KindFirstByteTimeout:      {FirstByteTimeout(place, time.Hour), true, Customer},
		KindIdleTimeout:           {IdleTimeout(place, time.Minute), true, Nobody},
		KindHTMLNotJSON:           {HTMLNotJSON(place), false, Customer},
		KindXMLNotJSON:            {XMLNotJSON(place), false, Customer},
		KindNotJSON:               {NotJSON(place, 7), false, Customer},
		KindBodyInvalid:           {BodyInvalid(place, 3, 70), false, Customer},
		KindEncodingUnsupported:   {EncodingUnsupported(place), false, Operator},
		KindReportError:           {ReportError(place), false, Customer},
		KindReportEntryMissing:    {ReportEntryMissing(place), false, Customer},
		KindBodyTruncated:         {BodyTruncated(place, cause), true, Nobody},
		KindBodyDamaged:           {BodyDamaged(place, cause), true, Nobody},
		KindInterrupted:           {Interrupted(), true, Nobody},
		KindTimedOut:              {TimedOut("FetchUsers"), false, Operator},
		KindCanceled:              {Canceled(), false, Nobody},
		KindTrailingData:          {TrailingData(place), false, Operator},
		KindRowTooLarge:           {RowTooLarge(place, 1<<20), false, Customer},
		KindDirectoryNotLinked:    {DirectoryNotLinked(place, "unlinked"), false, Customer},
		KindEmptyPage:             {EmptyPage(place), true, Nobody},
		KindCursorRepeated:        {CursorRepeated(place), true, Nobody},
		KindCursorRefused:         {CursorRefused(place), false, Nobody},
		KindPageMalformed:         {PageMalformed(place, "it has no list"), true, Nobody},
		KindColumnMissing:         {ColumnMissing("no column for email", "Is it called Mail?"), false, Customer},
		KindEmptyDirectory:        {EmptyDirectory(place), false, Customer},
		KindAllRejected:           {AllRejected(7), false, Customer},
		KindAllDeparted:           {AllDeparted(7), false, Customer},
		KindNoneStarted:           {NoneStarted(7), false, Customer},
		KindAllOutOfScope:         {AllOutOfScope(7), false, Customer},
		KindSentinelMissing:       {SentinelMissing([]int{2}, 5, "look there"), false, Customer},
		KindMalformedRow:          {MalformedRow(3, cause), false, Customer},
		KindTooManyColumns:        {TooManyColumns(70, 64), false, Customer},
		KindTooLarge:              {TooLarge("people", 2_000_000), false, Customer},
		KindKeyCollision:          {KeyCollision(), false, Operator},
		KindHookRefused:           {HookRefused("slack", "it is gone"), false, Operator},
		KindHookFailed:            {HookFailed("slack", "it answers with status 500", time.Minute), true, Operator},
		KindStalled:               {Stalled(30*time.Minute, nil), false, Operator},
		KindSuperseded:            {Superseded("the users stage"), false, Nobody},
		KindStoreUnavailable:      {StoreUnavailable(cause), true, Operator},
		KindNewerRelease:          {NewerRelease(cause), true, Operator},
		KindCredentialsUnreadable: {CredentialsUnreadable(cause), false, Operator},
		KindTenantUnknown:         {TenantUnknown("acme"), false, Operator},
		KindNotUndoable:           {NotUndoable("acme has no run 7"), false, Operator},
		KindInternal:              {Internal(cause), true, Operator},
	}
}

func TestEveryKindHasDetailHintActorAndRetryVerdict(t *testing.T) {
	t.Parallel()
	all := faults()
	assert.Len(t, all, len(Kinds()))
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			want, ok := all[kind]
			require.True(t, ok)
			f := want.fault
			assert.Equal(t, kind, f.Kind)
			assert.Equal(t, want.retry, f.Retry)
			assert.Equal(t, want.actor, f.Actor)
			assert.NotEmpty(t, f.Detail)
			assert.NotEmpty(t, f.Hint)
			assert.Equal(t, string(kind)+": "+f.Detail, f.Error())
			assert.NotContains(t, f.Error()+f.Hint, canary, "a cause stays out of what is told")
			if !f.Retry {
				assert.Zero(t, f.After)
			}
			found, ok := Of(fmt.Errorf("read: %w", f))
			assert.True(t, ok)
			assert.Same(t, f, found)
		})
	}
}

func TestKindsAreLowerSnakeCaseAndListedOnce(t *testing.T) {
	t.Parallel()
	seen := map[Kind]bool{}
	for _, kind := range Kinds() {
		assert.Regexp(t, regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`), string(kind))
		assert.False(t, seen[kind], "%s is listed twice", kind)
		seen[kind] = true
	}
}

func TestEveryKindIsListedAndHasExactlyOneConstructor(t *testing.T) {
	t.Parallel()
	constants, constructors := map[string]bool{}, map[string]bool{}
	for _, name := range []string{"kinds.go", "source.go", "body.go", "data.go", "hook.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ValueSpec:
				for _, ident := range node.Names {
					if kind, ok := strings.CutPrefix(ident.Name, "Kind"); ok {
						constants[kind] = true
					}
				}
			case *ast.FuncDecl:
				if node.Name.IsExported() && node.Name.Name != "Kinds" {
					constructors[node.Name.Name] = true
				}
			}
			return true
		})
	}
	assert.Equal(t, constants, constructors)
	assert.Len(t, Kinds(), len(constants))
}

func TestAStalledReadNamesTheFaultOfItsLastAttempt(t *testing.T) {
	t.Parallel()
	last := ServerError(place, 503, time.Minute)
	f := Stalled(30*time.Minute, last)
	assert.Contains(t, f.Detail, "server_error")
	assert.Equal(t, last.Hint, f.Hint)
	assert.Equal(t, last.Actor, f.Actor)
	assert.ErrorIs(t, f, last)
	assert.False(t, f.Retry)
}

func TestAnErrorWithoutAFaultHasNone(t *testing.T) {
	t.Parallel()
	_, ok := Of(errors.New("plain"))
	assert.False(t, ok)
	_, ok = Of(nil)
	assert.False(t, ok)
}
