package simulator

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// defaultColumns are the report's columns by field, unless a Tenant names others.
var defaultColumns = map[string]string{
	"external_id": "Employee_ID", "first_name": "First_Name", "last_name": "Last_Name", "email": "Email_-_Work",
	"management_level": "CF_Management_Level", "job_title": "businessTitle", "business_unit": "Business_Unit",
	"job_function": "Job_Function", "people_manager": "People_Manager", "manager_email": "Manager_Email",
	"city":    "City",
	"country": "Country", "office": "Office", "locale": "Locale", "status": "Status", "groups": "Groups",
}

// report formats people as rows of a user report in the style of one company.
type report struct {
	*Company
	columns map[string]string // by field
}

func newReport(c *Company, columns map[string]string) *report {
	r := &report{Company: c, columns: map[string]string{}}
	for field, column := range defaultColumns {
		r.columns[field] = column
	}
	for field, column := range columns {
		r.columns[field] = column
	}
	return r
}

// style returns one of n styles for the company.
func (r *report) style(which, n int) int { return r.pick(drawStyle, which, 0, n) }

// row returns a person's row.
func (r *report) row(p Person) object {
	row := make(object, 0, 20)
	r.identity(&row, p)
	r.text(&row, "management_level", p.ManagementLevel, p.Number, 3)
	r.text(&row, "job_title", p.JobTitle, p.Number, 4)
	r.reference(&row, "business_unit", p.BusinessUnit, 5)
	r.reference(&row, "job_function", p.JobFunction, 6)
	r.put(&row, "people_manager", r.yesNo(p.PeopleManager))
	r.text(&row, "manager_email", p.ManagerEmail, p.Number, 7)
	r.text(&row, "city", p.City, p.Number, 8)
	r.reference(&row, "country", p.Country, 9)
	r.text(&row, "office", p.Office, p.Number, 10)
	r.put(&row, "locale", r.locale(p))
	r.put(&row, "status", r.status(p))
	r.put(&row, "groups", r.groups(p.Groups))
	// Columns that no field uses.
	row = append(row,
		cell{
			"Cost_Center",
			object{
				{"Descriptor", text(fmt.Sprintf("CC%04d", r.pick(drawNoise, p.Number, 90, 400)))},
				{"ID", text(r.wid(p.Number))},
			}.raw(),
		},
		cell{"FTE", json.RawMessage([]string{"1", "0.8", "0.5"}[r.pick(drawNoise, p.Number, 91, 3)])},
		cell{
			"Hire_Date",
			text(dayZero.AddDate(0, 0, r.hired(p.Number)-r.pick(drawNoise, p.Number, 92, 4000)).Format("2006-01-02")),
		},
	)
	return row
}

func (r *report) identity(row *object, p Person) {
	// Some ids are JSON numbers, which mean the same.
	id := text(p.ExternalID)
	if p.Number%7 == 3 {
		id = json.RawMessage(p.ExternalID)
	}
	r.put(row, "external_id", id)
	r.text(row, "first_name", p.FirstName, p.Number, 1)
	r.text(row, "last_name", p.LastName, p.Number, 2)
	email := p.Email
	if r.pick(drawNoise, p.Number, 60, 10) == 0 {
		email = strings.ToUpper(email[:1]) + email[1:]
	}
	r.put(row, "email", text(email))
}

// text puts free text. For some people it has the white space and Unicode composition of real reports.
func (r *report) text(row *object, field, value string, number, salt int) {
	switch noise := r.pick(drawNoise, number, salt, 60); {
	case value == "":
	case noise == 0:
		value = " " + value + " "
	case noise == 1:
		value += "\u00a0"
	case noise == 2:
		value = "\u200b" + strings.ReplaceAll(value, " ", "  ")
	case noise < 6:
		value = norm.NFD.String(value)
	}
	if value == "" {
		r.put(row, field, r.empty(number, salt))
		return
	}
	r.put(row, field, text(value))
}

// empty returns an empty cell, which is usually omitted.
func (r *report) empty(number, salt int) json.RawMessage {
	switch r.pick(drawNoise, number, salt+30, 6) {
	case 0:
		return text("")
	case 1:
		return jsonNull
	case 2:
		return array()
	}
	return nil
}

// reference puts a reference to a Workday object: a name, {Descriptor, ID}, or an array of that.
func (r *report) reference(row *object, field, value string, salt int) {
	if value == "" {
		r.put(row, field, r.empty(salt, salt))
		return
	}
	switch r.style(salt, 3) {
	case 0:
		r.put(row, field, text(value))
	case 1:
		r.put(row, field, r.descriptor(value))
	default:
		r.put(row, field, array(r.descriptor(value)))
	}
}

func (r *report) descriptor(value string) json.RawMessage {
	sum := 0
	for _, b := range []byte(value) {
		sum = sum*31 + int(b)
	}
	return object{{"Descriptor", text(value)}, {"ID", text(r.wid(sum))}}.raw()
}

// wid returns an id in the form of a Workday ID.
func (r *report) wid(n int) string {
	return fmt.Sprintf("%016x%016x", r.draw(drawID, n, 0), r.draw(drawID, n, 1))
}

func (r *report) yesNo(value string) json.RawMessage {
	if value == "" {
		return nil
	}
	yes := value == "yes"
	switch style := r.style(20, 4); {
	case style == 0 && yes:
		return text("1")
	case style == 0:
		return text("0")
	case style == 1 && yes:
		return text("Yes")
	case style == 1:
		return text("No")
	case style == 2 && yes:
		return jsonTrue
	case style == 2:
		return jsonFalse
	}
	return text(value)
}

// locales are spellings of language tags.
var locales = map[string][]string{
	"en-US": {"en-US", "en_US", "EN-us", ""}, "fr-CA": {"fr-CA", "fr_CA", "FR-ca"}, "es-ES": {"es-ES", "es_ES"},
	"ko": {"ko", "ko-KR", "ko_KR"}, "ja": {"ja", "ja-JP", "ja_JP"},
}

func (r *report) locale(p Person) json.RawMessage {
	spellings := locales[p.Locale]
	written := spellings[r.pick(drawNoise, p.Number, 61, len(spellings))]
	if written == "" {
		return nil // an empty locale means en-US
	}
	return text(written)
}

// status returns the status cell. It may be empty only for people who were never inactive, because an empty cell means
// "unchanged".
func (r *report) status(p Person) json.RawMessage {
	if p.alwaysActive && r.pick(drawNoise, p.Number, 62, 15) == 0 {
		return nil
	}
	active := p.Status == "active"
	switch style := r.style(21, 3); {
	case style == 0 && active:
		return text("1")
	case style == 0:
		return text("0")
	case style == 1 && active:
		return text("Active")
	case style == 1:
		return text("Inactive")
	}
	return text(p.Status)
}

func (r *report) groups(names []string) json.RawMessage {
	if r.style(22, 3) == 2 {
		return text(strings.Join(names, "; "))
	}
	items := make([]json.RawMessage, len(names))
	for i, name := range names {
		if items[i] = text(name); r.style(22, 3) == 0 {
			items[i] = r.descriptor(name)
		}
	}
	return array(items...)
}

// put appends a cell in the field's column. A column "A.B" is B in an array of one object under A.
func (r *report) put(row *object, field string, value json.RawMessage) {
	if value == nil {
		return
	}
	column := r.columns[field]
	if outer, inner, nested := strings.Cut(column, "."); nested {
		column, value = outer, array(object{{inner, value}}.raw())
	}
	*row = append(*row, cell{column, value})
}
