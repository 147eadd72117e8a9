package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/rollcall/rollcall/internal/simulator"
)

// control is a client of the simulator's control API.
type control struct{ url string }

// person is a person in the directory today, or a member.
type person = map[string]any

func (c control) tenants(ctx context.Context) (map[string]simulator.Access, error) {
	response, err := c.call(ctx, http.MethodGet, "/control/tenants", nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var list []simulator.Access
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return nil, fmt.Errorf("read the simulator's tenants: %w", err)
	}
	tenants := map[string]simulator.Access{}
	for _, tenant := range list {
		tenants[tenant.Tenant] = tenant
	}
	return tenants, nil
}

// setDay sets the simulated day of every tenant.
func (c control) setDay(ctx context.Context, day int) error {
	response, err := c.call(ctx, http.MethodPost, "/control/day", map[string]any{"day": day})
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// hide leaves about percent of a tenant's people out of its directory from now on, as a changed filter would.
func (c control) hide(ctx context.Context, tenant string, percent int) error {
	response, err := c.call(ctx, http.MethodPost, "/control/fault", map[string]any{
		"tenant": tenant, "endpoint": simulator.Users, "kind": simulator.RemovePeople, "percent": percent,
	})
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// people returns the people whom the directory shows today, by external id.
func (c control) people(ctx context.Context, tenant string) (map[string]person, error) {
	response, err := c.call(ctx, http.MethodGet, "/control/people?tenant="+url.QueryEscape(tenant), nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return byExternalID(bufio.NewScanner(response.Body))
}

func (c control) call(ctx context.Context, method, path string, body any) (*http.Response, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write to the simulator: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(encoded))
	if err != nil {
		return nil, fmt.Errorf("ask the simulator: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the simulator: %w", err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		response.Body.Close()
		return nil, fmt.Errorf("ask the simulator %s %s: %s", method, path, response.Status)
	}
	return response, nil
}

// byExternalID reads JSON lines of people.
func byExternalID(lines *bufio.Scanner) (map[string]person, error) {
	people := map[string]person{}
	for lines.Scan() {
		var p person
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("read a line of people: %w", err)
		}
		id, _ := p["external_id"].(string)
		if id == "" || people[id] != nil {
			return nil, fmt.Errorf("person %d has no unique external id", len(people)+1)
		}
		people[id] = p
	}
	return people, lines.Err()
}
