package tenant

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/maintenance"
)

// Alert is somewhere to tell a tenant's changes of condition. Its address is a credential, as in a Slack webhook: see Hook.
type Alert struct {
	Name string             `json:"name"` // unique in the tenant; default its number in the list
	On   []health.Condition `json:"on"`   // of what; default of all
}

// Hook is where an alert goes to and what signs it. Printed, logged or marshalled by mistake it says nothing.
type Hook struct {
	Name   string // the Alert's
	URL    string
	Secret string // whsec_ and base64; "": not signed
}

// leastSecret is how many bytes the secret that signs alerts has at least, as Standard Webhooks asks for.
const leastSecret = 24

// alerts reads a list of them; without the key, otherwise.
func (r *reader) alerts(s *section, otherwise alerts) alerts {
	nodes, ok := s.list("alerts", "write a list, as [{url: \"${SLACK_URL}\"}]; [] tells nobody")
	if !ok {
		return otherwise
	}
	var list alerts
	for i, node := range nodes {
		child := r.section(fmt.Sprintf("%s[%d]", s.key("alerts"), i), node)
		alert := Alert{Name: child.text("name", strconv.Itoa(i+1)), On: child.conditions()}
		if slices.ContainsFunc(list.settings, func(other Alert) bool { return other.Name == alert.Name }) {
			child.wrong("name", "another alert has the name %q: give each its own", alert.Name)
		}
		list.settings = append(list.settings, alert)
		list.hooks = append(list.hooks, Hook{Name: alert.Name, URL: child.hookURL(), Secret: child.hookSecret()})
		child.done()
	}
	return list
}

// alerts are where a tenant's are told.
type alerts struct {
	settings []Alert
	hooks    []Hook
}

// list is a key's list; false where there is none.
func (s *section) list(name, what string) ([]*yaml.Node, bool) {
	e, ok := s.entries[name]
	s.lookup(name)
	if !ok {
		return nil, false
	}
	if e.value.Kind != yaml.SequenceNode {
		s.wrong(name, "%s", what)
		return nil, false
	}
	return e.value.Content, true
}

// conditions are what an alert is about.
func (s *section) conditions() []health.Condition {
	known := health.Conditions()
	nodes, ok := s.list("on", "write a list of "+conditionNames(known))
	if !ok {
		return known
	}
	var on []health.Condition
	for _, node := range nodes {
		condition := health.Condition(follow(node).Value)
		switch {
		case !slices.Contains(known, condition):
			s.wrong("on", "there is no condition %q: write some of %s", condition, conditionNames(known))
		case !slices.Contains(on, condition):
			on = append(on, condition)
		}
	}
	if len(nodes) == 0 {
		s.wrong("on", "is empty: write some of %s, or leave it out for all", conditionNames(known))
	}
	return on
}

func conditionNames(conditions []health.Condition) string {
	names := make([]string, len(conditions))
	for i, c := range conditions {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}

// hookURL is an alert's address. It isn't repeated in an error: whoever has it can write to where it leads.
func (s *section) hookURL() string {
	text := s.expanded("url", "where to send alerts, as ${NAME} of an environment variable")
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		s.wrong("url", "is no address: it begins with https://")
	case u.User != nil:
		s.wrong("url", "take user name and password out of the address")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		s.wrong("url", "must begin with https://")
	}
	return text
}

// hookSecret is what signs an alert; "" where nothing does.
func (s *section) hookSecret() string {
	if _, ok := s.lookup("secret"); !ok {
		return ""
	}
	text := s.expanded("secret", "")
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	if text != "" && (err != nil || len(key) < leastSecret || !strings.HasPrefix(text, "whsec_")) {
		s.wrong("secret", "write whsec_ and at least %d random bytes in base64: echo whsec_$(openssl rand -base64 32)", leastSecret)
	}
	return text
}

// maintenance reads windows; without the key they are otherwise.
func (r *reader) maintenance(s *section, otherwise []maintenance.Window) []maintenance.Window {
	nodes, ok := s.list("maintenance", `write a list, as [{from: "Fri 18:00", to: "Sat 06:00", timezone: America/Los_Angeles}]; [] means none`)
	if !ok {
		return otherwise
	}
	var windows []maintenance.Window
	for i, node := range nodes {
		child := r.section(fmt.Sprintf("%s[%d]", s.key("maintenance"), i), node)
		problems := len(r.problems)
		w := maintenance.Window{From: child.moment("from"), To: child.moment("to"), Timezone: child.text("timezone", "UTC")}
		if err := w.Check(); err != nil && len(r.problems) == problems {
			r.note(child.line, child.path, "%v", err)
		}
		child.done()
		windows = append(windows, w)
	}
	return windows
}

func (s *section) moment(name string) maintenance.Moment {
	text := s.required(name, `as "Fri 18:00"`)
	if text == "" {
		return maintenance.Moment{}
	}
	m, err := maintenance.ParseMoment(text)
	if err != nil {
		s.wrong(name, "%v", err)
	}
	return m
}
