package tenant

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rollcall/rollcall/internal/endpoint"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/maintenance"
)

// Alert is a receiver of changes of a tenant's condition. Its URL is a credential, as for a Slack webhook: see Hook.
type Alert struct {
	Name string             `json:"name"` // unique in the tenant; default its number in the list
	On   []health.Condition `json:"on"`   // the conditions to send; default all
}

// Hook is the secret part of an Alert. Printing, logging or marshalling it yields "[redacted]".
type Hook struct {
	Name   string // name of the Alert
	URL    string
	Secret string // signing key: "whsec_" and base64; "": messages are not signed
}

// minSecretBytes is the minimum that the Standard Webhooks specification requires.
const minSecretBytes = 24

// alerts reads the list of alerts, or returns defaults if the key is absent.
func (r *reader) alerts(s *section, defaults alertList) alertList {
	nodes, ok := s.list("alerts", "write a list, as [{url: \"${SLACK_URL}\"}]; [] means none")
	if !ok {
		return defaults
	}
	var list alertList
	for i, node := range nodes {
		child := r.section(fmt.Sprintf("%s[%d]", s.key("alerts"), i), node)
		alert := Alert{Name: child.text("name", strconv.Itoa(i+1)), On: child.conditions()}
		if slices.ContainsFunc(list.settings, func(other Alert) bool { return other.Name == alert.Name }) {
			child.reject("name", "another alert has the name %q: give each its own", alert.Name)
		}
		list.settings = append(list.settings, alert)
		list.hooks = append(list.hooks, Hook{Name: alert.Name, URL: child.hookURL(), Secret: child.hookSecret()})
		child.done()
	}
	return list
}

// alertList holds alerts and, in the same order, their hooks.
type alertList struct {
	settings []Alert
	hooks    []Hook
}

// list returns the entries of a list. ok is false if the key is absent or not a list.
func (s *section) list(name, what string) (_ []*yaml.Node, ok bool) {
	e, ok := s.entries[name]
	s.lookup(name)
	if !ok {
		return nil, false
	}
	if e.value.Kind != yaml.SequenceNode {
		s.reject(name, "%s", what)
		return nil, false
	}
	return e.value.Content, true
}

// conditions reads the conditions that an alert sends.
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
			s.reject("on", "there is no condition %q: write some of %s", condition, conditionNames(known))
		case !slices.Contains(on, condition):
			on = append(on, condition)
		}
	}
	if len(nodes) == 0 {
		s.reject("on", "is empty: write some of %s, or leave it out for all", conditionNames(known))
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

// hookURL reads an alert's URL. Errors don't contain it, because anyone who knows it can send messages.
func (s *section) hookURL() string {
	text := s.expanded("url", "where to send alerts, as ${NAME} of an environment variable")
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		s.reject("url", "is not a URL: it begins with https://")
	case u.User != nil:
		s.reject("url", "remove user name and password from the URL")
	case !endpoint.Secure(u):
		s.reject("url", "must begin with https://")
	}
	return text
}

// hookSecret reads an alert's signing key, or "".
func (s *section) hookSecret() string {
	if _, ok := s.lookup("secret"); !ok {
		return ""
	}
	text := s.expanded("secret", "")
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	if text != "" && (err != nil || len(key) < minSecretBytes || !strings.HasPrefix(text, "whsec_")) {
		s.reject(
			"secret", "write whsec_ and at least %d random bytes in base64: echo whsec_$(openssl rand -base64 32)",
			minSecretBytes,
		)
	}
	return text
}

// maintenance reads the maintenance windows, or returns defaults if the key is absent.
func (r *reader) maintenance(s *section, defaults []maintenance.Window) []maintenance.Window {
	nodes, ok := s.list(
		"maintenance",
		`write a list, as [{from: "Fri 18:00", to: "Sat 06:00", timezone: America/Los_Angeles}]; [] means none`,
	)
	if !ok {
		return defaults
	}
	var windows []maintenance.Window
	for i, node := range nodes {
		child := r.section(fmt.Sprintf("%s[%d]", s.key("maintenance"), i), node)
		problems := len(r.problems)
		w := maintenance.Window{
			From: child.moment("from"), To: child.moment("to"), Timezone: child.text("timezone", "UTC"),
		}
		if err := w.Validate(); err != nil && len(r.problems) == problems {
			r.addProblem(child.line, child.path, "%v", err)
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
		s.reject(name, "%v", err)
	}
	return m
}
