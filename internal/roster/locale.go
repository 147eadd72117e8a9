package roster

import "strings"

const defaultLocale = "en-US"

// locales are the supported tags by their spellings in lower case with hyphens. A language alone stands for its tag
// only where the tag has no region: "fr" is not said to be fr-CA.
var locales = map[string]string{
	"en-us": "en-US", "fr-ca": "fr-CA", "es-es": "es-ES", "ko": "ko", "ko-kr": "ko", "ja": "ja", "ja-jp": "ja",
}

// normalLocale is the supported tag that text means; never merely the nearest one.
func normalLocale(text string) (string, bool) {
	for _, tag := range [...]string{defaultLocale, "fr-CA", "es-ES", "ko", "ja"} {
		if text == tag {
			return tag, true
		}
	}
	tag, ok := locales[strings.ToLower(strings.ReplaceAll(text, "_", "-"))]
	return tag, ok
}

// normalFlag is "yes" or "no".
func normalFlag(text string) (string, bool) {
	switch lower(text) {
	case "yes", "1", "true":
		return Yes, true
	case "no", "0", "false":
		return No, true
	}
	return "", false
}

// normalStatus is Active or Inactive.
func normalStatus(text string) (string, bool) {
	switch lower(text) {
	case Active, "1":
		return Active, true
	case Inactive, "0":
		return Inactive, true
	}
	return "", false
}

// lower is text in lower case, without a copy of the usual words.
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
