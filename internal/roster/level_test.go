package roster

import "testing"

func TestRoleOfALevel(t *testing.T) {
	t.Parallel()
	levels := newLevelMap(Levels{"M4": "Sr. Manager", "Director": "VP", " p-2 ": "Analyst", "Empty": " "})
	for level, want := range map[string]string{
		"Student": "Student", "Co-op": "Student",
		"Intern": "Intern", "INTERN": "Intern",
		"Analyst": "Analyst", "Associate": "Associate", "Assoc.": "Associate",
		"Individual Contributor": "Individual Contributor", "IC": "Individual Contributor",
		"individual_contributor": "Individual Contributor", "8 Individual Contributor": "Individual Contributor",
		"Manager": "Manager", "Mgr": "Manager", "06 - Manager": "Manager",
		"Sr. Manager": "Sr. Manager", "Senior Manager": "Sr. Manager", "Sr Manager": "Sr. Manager",
		"Manager, Senior": "Sr. Manager", "Snr. Mgr.": "Sr. Manager",
		"Sr. Director": "Sr. Director", "senior director": "Sr. Director",
		"VP": "VP", "Vice President": "VP", "Vice-President": "VP", "V.P.": "VP", "Vice President (VP)": "VP",
		"SVP": "SVP", "Senior Vice President": "SVP", "SVP / Senior Vice President": "SVP", "Sr VP": "SVP",
		"Executive": "Executive", "C-Level": "Executive",
		"M4": "Sr. Manager", "m4": "Sr. Manager", "P2": "Analyst", // the tenant's own
		"Director": "VP", "DIRECTOR": "VP", // before the built-in one
	} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			if role, mapped := levels.role(level); role != want || !mapped {
				t.Errorf("role(%q) = %q, %v, want %q", level, role, mapped, want)
			}
		})
	}
	for _, level := range []string{
		"Distinguished Engineer", "Senior Analyst", "Assistant Vice President", "VP / Director", "EVP", "5",
		"()", "M5", "Empty", "部長",
	} {
		t.Run(level+" is kept word for word", func(t *testing.T) {
			t.Parallel()
			if role, mapped := levels.role(level); role != level || mapped {
				t.Errorf("role(%q) = %q, %v", level, role, mapped)
			}
		})
	}
}
