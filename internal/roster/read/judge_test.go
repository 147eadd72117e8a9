package read

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/rostertest"
)

// judgeAnything reads and judges one row beside good ones; read is false when it is no row.
func judgeAnything(t tester, raw []byte) (v roster.Verdict, read bool) {
	t.Helper()
	columns := &Columns{}
	reader := NewReader(roster.Mappings{Fields: roster.FieldMap{"Alias": {roster.FirstName, roster.LastName, roster.Office}}}, columns)
	filled := make([]int, roster.MaxColumns)
	for i, good := range [][]byte{[]byte(full(t, "")), []byte(workdayRow)} {
		row, err := reader.Read(i+2, good)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range row.Cells {
			filled[cell.Column]++
		}
	}
	row, err := reader.Read(1, raw)
	if err != nil {
		return roster.Verdict{}, false
	}
	for _, cell := range row.Cells {
		filled[cell.Column]++
	}
	settings := roster.RulesSettings{
		Mappings: roster.Mappings{Levels: roster.Levels{"M4": "Manager"}}, Bindings: Bind(roster.Mappings{Fields: roster.FieldMap{"Alias": {roster.FirstName, roster.LastName, roster.Office}}}, columns, filled),
		Source: fromWorkday, Groups: mentoring,
	}
	v = roster.NewRules(settings).Judge(row)
	if again := roster.NewRules(settings).Judge(row); !reflect.DeepEqual(v, again) {
		t.Fatalf("judged twice: %+v, then %+v", v, again)
	}
	return v, true
}

// checkVerdict checks what holds for every verdict.
func checkVerdict(t tester, v roster.Verdict) {
	t.Helper()
	for _, issue := range v.Issues {
		if (issue.Severity == roster.Rejected) != v.Rejected || issue.Row != 1 || issue.Detail == "" ||
			issue.Hint == "" ||
			len(issue.Email) > roster.MaxEmail {
			t.Fatalf("an issue that says too little or something else: %+v of %+v", issue, v)
		}
	}
	u := v.User
	if u.New || u.Member != [16]byte{} || u.Row != 1 || (u.ExternalID == "") != (u.ExternalKind == "") {
		t.Fatalf("not as a row's user should be: %+v", u)
	}
	for f, value := range u.Values {
		if roster.NormalText(value) != value {
			t.Fatalf("%s is not in normal form: %q", roster.Field(f), value)
		}
	}
	if email, ok := roster.NormalEmail(u.Values[roster.Email]); u.Values[roster.Email] != "" &&
		(!ok || email != u.Values[roster.Email]) {
		t.Fatalf("not an email: %q", u.Values[roster.Email])
	}
	if v.Rejected {
		if len(v.Issues) == 0 {
			t.Fatal("rejected for nothing")
		}
		checkIdentityOnly(t, v)
		return
	}
	for f, value := range u.Values {
		if roster.Field(f).Required() && (value == "" || u.Kept.Has(roster.Field(f))) {
			t.Fatalf("accepted without %s", roster.Field(f))
		}
	}
	for f, allowed := range map[roster.Field][]string{
		roster.PeopleManager: {"", "yes", "no"}, roster.Status: {roster.Active, roster.Inactive}, roster.Locale: {"en-US", "fr-CA", "es-ES", "ko", "ja"},
	} {
		if !slices.Contains(allowed, u.Values[f]) {
			t.Fatalf("%s is %q", f, u.Values[f])
		}
	}
	if u.Values[roster.Role] == "" {
		t.Fatal("no role")
	}
	if again := roster.IssuesOf(u.Known.Issues, u.Identity()); len(again) != len(v.Issues) {
		t.Fatalf("the index would list %v, not %v", again, v.Issues)
	}
	if unknown := u.Known.Issues.Has(roster.CodeUnknownGroup, roster.Groups); unknown != (u.Known.Row == roster.Hash{}) {
		t.Fatalf("known as %v though a group is unknown: %v", u.Known.Row, unknown)
	}
	if !slices.IsSorted(u.Groups) {
		t.Fatalf("groups in no order: %v", u.Groups)
	}
}

func FuzzJudge(f *testing.F) {
	for _, seed := range []string{
		workdayRow, workOSRow, `{}`, full(f, ""), full(f, `"Email":["a@b.co","c@d.co"],"Groups":[{"Descriptor":"X;Mentors"}]`),
		full(f, `"Locale":{"Descriptor":"Korean","ID":"ko"},"Status":0,"People_Manager":true,"Alias":"\u200b"`),
		full(f, `"First_Name":"\ud800","Employee_ID":{"Descriptor":"","ID":[{"type":"Employee_ID","$":7}]}`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if v, ok := judgeAnything(t, raw); ok {
			checkVerdict(t, v)
		}
	})
}

// TestJudgeAnyRow does as the fuzz test with rows that come closer to what a report holds.
func TestJudgeAnyRow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scalar := rapid.OneOf(
			rapid.Map(rostertest.AnyText(), quote),
			rapid.Map(rostertest.AnyEmail(), quote),
			rapid.SampledFrom(
				[]string{
					`null`,
					`""`,
					`[]`,
					`true`,
					`false`,
					`0`,
					`1`,
					`7.5`,
					`"yes"`,
					`"inactive"`,
					`"ko_KR"`,
					`"Director"`,
					`"Mentors;Chess"`,
					`{}`,
				},
			),
		)
		value := rapid.OneOf(
			scalar,
			rapid.Map(
				scalar,
				func(s string) string { return `{"Descriptor":` + s + `,"ID":[{"type":"WID","$":"a"}]}` },
			),
			rapid.Map(rapid.SliceOfN(scalar, 0, 3), func(list []string) string {
				out := "["
				for i, s := range list {
					if i > 0 {
						out += ","
					}
					out += s
				}
				return out + "]"
			}),
		)
		columns := ""
		for _, f := range rapid.SliceOfNDistinct(rapid.SampledFrom([]roster.Field{
			roster.FirstName, roster.LastName, roster.Email, roster.ManagementLevel, roster.JobTitle, roster.PeopleManager, roster.ManagerEmail, roster.City, roster.Locale, roster.Status, roster.ExternalID, roster.Groups,
		}), 0, 3, rapid.ID[roster.Field]).Draw(t, "fields") {
			if columns != "" {
				columns += ","
			}
			columns += fmt.Sprintf("%q:%s", reportColumn[f], value.Draw(t, f.String()))
		}
		raw := []byte(full(t, columns))
		v, ok := judgeAnything(t, raw)
		if !ok {
			t.Fatalf("not read: %s", raw)
		}
		checkVerdict(t, v)
	})
}

func BenchmarkJudge(b *testing.B) {
	for source, raw := range map[roster.Source]string{fromWorkday: workdayRow, fromWorkOS: workOSRow} {
		b.Run(source.Name, func(b *testing.B) {
			columns, filled := &Columns{}, make([]int, roster.MaxColumns)
			row, err := NewReader(roster.Mappings{}, columns).Read(1, []byte(raw))
			if err != nil {
				b.Fatal(err)
			}
			for _, cell := range row.Cells {
				filled[cell.Column]++
			}
			rules := roster.NewRules(
				roster.RulesSettings{Bindings: Bind(roster.Mappings{}, columns, filled), Source: source, Groups: mentoring},
			)
			b.ReportAllocs()
			for b.Loop() {
				if rules.Judge(row).Rejected {
					b.Fatal("rejected")
				}
			}
		})
	}
}

// flatRow is a row of a report without objects, as most are.
const flatRow = `{"Employee_ID":"E00012345","First_Name":"Charlotte","Last_Name":"Anderson","Email_-_Work":"Charlotte.Anderson.12345@acme.example",
	"CF_Management_Level":"Individual Contributor","businessTitle":"Senior Software Engineer","Business_Unit":"Product Development",
	"Job_Function":"Engineering","People_Manager":"No","Manager_Email":"Benjamin.Martinez.1543@acme.example","City":"San Francisco",
	"Country":"United States of America","Office":"San Francisco HQ","Locale":"en-US","Status":"Active","Cost_Center":"4711"}`

func TestPiecesJudgedApartReportAsAllInOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		columns, filled := &Columns{}, make([]int, roster.MaxColumns)
		one, err := NewReader(roster.Mappings{}, columns).Read(1, []byte(full(t, "")))
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range one.Cells {
			filled[cell.Column]++
		}
		settings := roster.RulesSettings{Bindings: Bind(roster.Mappings{}, columns, filled)}
		step, distinct := rapid.IntRange(1, 7919).
			Draw(t, "step"),
			rapid.SampledFrom([]int{5, 2 * roster.MaxLevels}).
				Draw(t, "distinct")
		rows := make([]roster.Row, rapid.SampledFrom([]int{3, 3 * roster.MaxLevels}).Draw(t, "rows"))
		for i := range rows {
			rows[i] = one
			rows[i].Cells = slices.Clone(one.Cells)
			for c, cell := range one.Cells {
				if cell.Column == settings.Bindings.By[roster.ManagementLevel].Column {
					rows[i].Cells[c].Values = []string{fmt.Sprint("Level ", i*step%distinct)}
				}
			}
		}
		whole, pieces := roster.NewRules(settings), roster.NewRules(settings)
		for piece := range slices.Chunk(rows, rapid.IntRange(1, 2*len(rows)).Draw(t, "rows a piece")) {
			fork := pieces.Fork(new(roster.TextBuffer))
			for _, row := range piece {
				if have, want := fork.Judge(row), whole.Judge(row); !reflect.DeepEqual(have, want) {
					t.Fatalf("judged apart: %+v, not %+v", have, want)
				}
			}
			pieces.Join(fork)
		}
		if have, want := pieces.Report(), whole.Report(); !reflect.DeepEqual(have, want) {
			t.Fatalf("%d issues of the report, not the same %d", len(have), len(want))
		}
	})
}
