package roster

import "strings"

const defaultLocale = "en-US"

// locales are the supported tags by their spellings in lower case with hyphens. A language without a region stands
// for a tag only if the tag has no region either: "fr" doesn't mean fr-CA.
var locales = map[string]string{
	"en-us": "en-US", "fr-ca": "fr-CA", "es-es": "es-ES", "ko": "ko", "ko-kr": "ko", "ja": "ja", "ja-jp": "ja",
}

// normalLocale returns the supported tag that text means. It never returns the nearest tag instead.
func normalLocale(text string) (string, bool) {
	for _, tag := range [...]string{defaultLocale, "fr-CA", "es-ES", "ko", "ja"} {
		if text == tag {
			return tag, true
		}
	}
	tag, ok := locales[strings.ToLower(strings.ReplaceAll(text, "_", "-"))]
	return tag, ok
}

// yesNoWords are the spellings of yes and no, in lower case.
var yesNoWords = map[string]string{"yes": Yes, "1": Yes, "true": Yes, "no": No, "0": No, "false": No}

// normalYesNo returns Yes or No.
func normalYesNo(text string) (string, bool) {
	value, ok := yesNoWords[lower(text)]
	return value, ok
}

// statusWords are the spellings of the statuses in a row, in lower case.
var statusWords = map[string]string{Active: Active, "1": Active, Inactive: Inactive, "0": Inactive}

// normalStatus returns Active or Inactive.
func normalStatus(text string) (string, bool) {
	value, ok := statusWords[lower(text)]
	return value, ok
}

// lower returns text in lower case. It doesn't allocate for the usual words.
func lower(text string) string {
	switch text {
	case "Yes":
		return "yes"
	case "No":
		return "no"
	case "Active":
		return "active"
	case "Inactive":
		return "inactive"
	}
	if isLowerASCII(text) {
		return text
	}
	return strings.ToLower(text)
}

// The values of PeopleManager.
const (
	Yes = "yes"
	No  = "no"
)
