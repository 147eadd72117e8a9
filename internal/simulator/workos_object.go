package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
)

// attributeNames are the custom attributes by field. An attribute has the name of its field.
var attributeNames = func() map[string]string {
	names := map[string]string{}
	for field := range defaultColumns {
		names[field] = field
	}
	return names
}()

func (t *tenant) directoryObject(fs faults) object {
	state := "linked"
	if f, ok := fs.find(Unlinked); ok {
		if state = f.State; state == "" {
			state = "unlinked"
		}
	}
	count := t.count(t.today())
	return object{
		{"object", text("directory")},
		{"id", text(t.directory)},
		{"organization_id", text(t.organizationID())},
		{"external_key", text(t.secret(2))},
		{"type", text("workday")},
		{"state", text(state)},
		{"name", text(t.ID)},
		{"domain", text(t.company.domain)},
		{"metadata", object{
			{"users", object{{"active", number(count.active)}, {"inactive", number(count.inactive)}}.raw()},
			{"groups", number(count.groups)},
		}.raw()},
		{"created_at", timestamp(dayZero)},
		{"updated_at", timestamp(dayZero.AddDate(0, 0, t.today()))},
	}
}

// statistics counts the people and groups in a directory on a day.
type statistics struct{ active, inactive, groups int }

func (t *tenant) count(day int) statistics {
	t.mu.Lock()
	known, ok := t.statistics[day]
	t.mu.Unlock()
	if ok {
		return known
	}
	counted := statistics{groups: len(t.company.Groups(day))}
	v := t.company.on(day)
	for number := range v.total {
		switch s := v.state(number); {
		case s.present && !s.inactive:
			counted.active++
		case s.present && t.KeepInactive:
			counted.inactive++
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.statistics[day] = counted
	return counted
}

func (t *tenant) groupObject(g Group) object {
	return object{
		{"object", text("directory_group")},
		{"id", text(t.groupID(g))},
		{"idp_id", text(t.report.wid(g.Number))},
		{"directory_id", text(t.directory)},
		{"organization_id", text(t.organizationID())},
		{"name", text(g.Name)},
		{"raw_attributes", json.RawMessage("{}")},
		{"created_at", timestamp(g.created())},
		{"updated_at", timestamp(g.created())},
	}
}

func (t *tenant) userObject(p Person, fs faults) object {
	custom := t.report.attributes(p)
	title := jsonNull
	if p.JobTitle != "" {
		title = text(p.JobTitle)
	}
	user := object{
		{"object", text("directory_user")},
		{"id", text(t.userID(p.Number))},
		{"directory_id", text(t.directory)},
		{"organization_id", text(t.organizationID())},
		{"idp_id", text(p.ExternalID)},
		{"email", text(p.Email)},
		{"first_name", text(p.FirstName)},
		{"last_name", text(p.LastName)},
		{"name", text(p.FirstName + " " + p.LastName)},
		{"emails", nil},
		{"job_title", title},
		{"username", text(p.Email)},
		{"state", text(p.Status)},
		{"raw_attributes", json.RawMessage("{}")},
		{"custom_attributes", nil},
		{"created_at", timestamp(t.company.joined(p.Number))},
		{"updated_at", timestamp(dayZero.AddDate(0, 0, p.updated))},
		{"groups", t.groupObjects(p)},
	}
	custom = fs.of(func(column string) bool {
		return custom.has(column) || !user.has(column)
	}).applyTo(custom, p.Number)
	user = fs.of(user.has).applyTo(user, p.Number)
	return user.with("custom_attributes", custom.raw()).with("emails", user.emails())
}

// emails returns the list of addresses with the value of email.
func (o object) emails() json.RawMessage {
	i := slices.IndexFunc(o, func(c cell) bool { return c.name == "email" })
	if i < 0 || string(o[i].value) == `""` || string(o[i].value) == "null" {
		return array()
	}
	return array(object{{"primary", jsonTrue}, {"type", text("work")}, {"value", o[i].value}}.raw())
}

func (o object) has(name string) bool {
	return slices.ContainsFunc(o, func(c cell) bool { return c.name == name })
}

// of returns the faults of matching columns, and those without a column.
func (fs faults) of(column func(string) bool) faults {
	return slices.DeleteFunc(slices.Clone(fs), func(f Fault) bool { return f.Column != "" && !column(f.Column) })
}

func (t *tenant) groupObjects(p Person) json.RawMessage {
	if !t.UserGroups {
		return array()
	}
	var groups []json.RawMessage
	for _, g := range t.company.Groups(t.today()) {
		if slices.Contains(p.Groups, g.Name) {
			groups = append(groups, t.groupObject(g).raw())
		}
	}
	return array(groups...)
}

// attributes returns a person's custom attributes with the same noise as in a report, but without objects.
func (r *report) attributes(p Person) object {
	row := make(object, 0, 16)
	for salt, field := range []string{
		"management_level", "job_title", "business_unit", "job_function", "manager_email", "city", "country", "office",
	} {
		r.text(&row, field, p.Fields()[field], p.Number, salt+3)
	}
	r.put(&row, "people_manager", r.yesNo(p.PeopleManager))
	r.put(&row, "locale", r.locale(p))
	// Attributes that no field uses.
	return append(row,
		cell{"cost_center_name", text("CC" + strconv.Itoa(1000+r.pick(drawNoise, p.Number, 90, 400)))},
		cell{"employee_type", text("Full Time")},
		cell{"addresses", array(object{
			{"type", text("work")}, {"street_address", text("1 Main Street")}, {"primary", jsonTrue},
		}.raw())},
	)
}
