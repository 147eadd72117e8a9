package roster

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A field that something was forgotten of fails here.
func TestEveryFieldHasAWholeRow(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	names, numbers, columns := map[string]Field{}, map[int]Field{}, map[string]Field{}
	for f := range Fields() {
		row := f.row()
		assert.Regexp(t, name, row.name)
		assert.NotContains(t, names, row.name)
		assert.NotContains(t, numbers, row.number, "%s: the number is taken", f)
		names[row.name], numbers[row.number] = f, f
		assert.True(t, 1 <= row.number && row.number <= maxNumber, "%s: number %d", f, row.number)
		assert.False(
			t,
			20 <= row.number && row.number <= 31 || row.number == packedCustom,
			"%s: %d is a number of records' own fields",
			f,
			row.number,
		)
		assert.Contains(t, []Demand{Required, Recommended, Optional, Additional}, row.demand, f)
		assert.NotEmpty(t, row.policy, f)
		assert.Equal(t, row.kind == asText || row.kind == asLevel || row.kind == asID || row.kind == asCustom, row.limit > 0, "%s: limit", f)
		assert.Equal(t, f, FieldNumbered(row.number))
		if f.wanted() || f.Required() {
			assert.NotEmpty(t, row.columns, "%s: the article has it, so it has usual columns", f)
		}
		for _, column := range row.columns {
			assert.Equal(t, fold(column), column, "%s: usual columns are folded", f)
			assert.NotContains(t, columns, column, "%s: another field has the usual column", f)
			columns[column] = f
		}
		parsed, ok := ParseField(row.name)
		assert.True(t, ok)
		assert.Equal(t, f, parsed)
	}
	assert.Equal(t, NoField, FieldNumbered(maxNumber+1))
	assert.Equal(
		t,
		[]Field{ExternalID, Groups},
		[]Field{Field(ValueCount), Field(ValueCount + 1)},
		"a Values holds all others",
	)
}

// warningsOfKind are the codes by which a row of each kind loses the field but isn't rejected.
var warningsOfKind = map[kind][]Code{
	asDerived: {},
	asText:    {CodeSeveralValues, CodeTextDamaged, CodeTooLong},
	asID:      {CodeSeveralValues, CodeTextDamaged, CodeTooLong},
	asEmail:   {CodeSeveralValues, CodeEmailInvalid},
	asLevel:   {CodeSeveralValues, CodeTextDamaged, CodeTooLong, CodeLevelUnmapped},
	asYesNo:   {CodeSeveralValues, CodeNotYesOrNo},
	asLocale:  {CodeSeveralValues, CodeLocaleUnsupported},
	asStatus:  {CodeSeveralValues, CodeStatusUnknown},
	asDate:    {CodeSeveralValues, CodeDateInvalid},
	asGroups:  {CodeUnknownGroup, CodeGroupsUnreadable, CodeTooManyGroups},
}

func TestEveryWarningHasABitOfItsOwn(t *testing.T) {
	t.Parallel()
	bits := map[int]Field{}
	for f := range Fields() {
		want := slices.DeleteFunc(
			slices.Clone(warningsOfKind[f.row().kind]),
			func(c Code) bool { return c.Severity(f) == Rejected },
		)
		if f == ManagerEmail {
			want = append(want, CodeManagerErased)
		}
		have := []Code{}
		for bit, code := range f.row().warnings {
			assert.NotContains(t, bits, bit, "%s: the bit is taken", f)
			assert.True(t, 0 <= bit && bit < 63, "%s: bit %d", f, bit)
			bits[bit] = f
			have = append(have, code)
		}
		assert.ElementsMatch(t, want, have, f)
	}
}

func TestASetOfFieldsIsKeptByNumber(t *testing.T) {
	t.Parallel()
	assert.Equal(t, everyField, FieldSetNumbered(everyField.Numbers()))
	some := FieldSet(0).With(City).With(Groups)
	assert.Equal(t, some, FieldSetNumbered(some.Numbers()))
	assert.Equal(t, some, FieldSetNumbered(some.Numbers()|1<<maxNumber), "a field of another release is left out")
	assert.Equal(t, FieldSet(0).With(City), some.Without(Groups))
}
