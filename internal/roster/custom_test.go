package roster

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// customJSON returns values as Values[Custom] has them. An empty text is null.
func customJSON(values map[string]string) string {
	var text []byte
	names := CustomFields(values).Names()
	for _, name := range names {
		text = AppendCustom(text, CustomValue{name, values[name]})
	}
	return string(text)
}

func customMap(text string) map[string]string {
	values := map[string]string{}
	for v := range Customs(text) {
		values[v.Name] = v.Text
	}
	return values
}

func TestAPatchSetsItsOwnNamesAndKeepsAllOthers(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{"a", "b", "cost_center", "z9"})
	texts := rapid.SampledFrom([]string{"x", "y:null", `"quoted" \ `, "日本", `","b":"`, "<&>"})
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.MapOf(names, texts).Draw(t, "values")
		patch := rapid.MapOf(names, rapid.OneOf(texts, rapid.Just(""))).Draw(t, "patch")
		next := rapid.MapOf(names, rapid.OneOf(texts, rapid.Just(""))).Draw(t, "next patch")
		text := customJSON(values)
		require.Equal(t, values, customMap(text))

		want := maps.Clone(values)
		maps.Copy(want, patch)
		maps.DeleteFunc(want, func(_, text string) bool { return text == "" })
		patched := PatchCustom(text, customJSON(patch))
		require.Equal(t, customJSON(want), patched)
		require.Equal(t, PatchCustom(patched, customJSON(next)),
			PatchCustom(text, MergeCustomPatches(customJSON(patch), customJSON(next))))

		differ, loses := map[string]bool{}, false
		for _, d := range CustomDifferences(text, patched) {
			require.Equal(t, []string{values[d.Name], want[d.Name]}, []string{d.Before, d.After})
			differ[d.Name], loses = true, loses || d.After == ""
		}
		for _, name := range []string{"a", "b", "cost_center", "z9"} {
			require.Equal(t, values[name] != want[name], differ[name], name)
		}
		require.Equal(t, loses, Custom.LosesValue(text, patched))
		if text != "" {
			var decoded map[string]string
			require.NoError(t, json.Unmarshal([]byte(text), &decoded))
			require.Equal(t, values, decoded)
		}
	})
}

func TestCustomFieldsHaveNamesOfTheirOwnKind(t *testing.T) {
	t.Parallel()
	for name, valid := range map[string]bool{
		"cost_center": true, "a": true, "a1_": true, "": false, "_a": false, "1a": false, "Cost": false, "a-b": false, "a.b": false,
		"a234567890123456789012345678901234567890": true, "a2345678901234567890123456789012345678901": false,
	} {
		assert.Equal(t, valid, ValidCustomName(name), "%q", name)
		field, ok := ParseFieldName(CustomPrefix + name)
		assert.Equal(t, []any{Custom, valid}, []any{field, ok})
	}
}
