package main

import (
	"context"
	"encoding/hex"
	"errors"
	"net/url"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// pages reads a directory at WorkOS page by page, without a rate limit.
type pages struct{ url, directory, key string }

// list is a page of a list.
type list struct {
	Data     []jsontext.Value `json:"data"`
	Metadata struct {
		After string `json:"after"`
	} `json:"list_metadata"`
}

// each calls page with each page of a list.
func (p pages) each(ctx context.Context, path string, query url.Values, page func([]jsontext.Value) error) error {
	query.Set("limit", "100")
	for {
		body, err := get(ctx, p.url+path+"?"+query.Encode(), p.key)
		if err != nil {
			return err
		}
		var l list
		if err := errors.Join(json.UnmarshalRead(body, &l), body.Close()); err != nil {
			return err
		}
		if err := page(l.Data); err != nil || l.Metadata.After == "" {
			return err
		}
		query.Set("after", l.Metadata.After)
	}
}

// users passes each page of users on as a block.
func (p pages) users(ctx context.Context, next func() *block, out func(*block)) error {
	return p.each(ctx, "/directory_users", url.Values{"directory": {p.directory}}, func(users []jsontext.Value) error {
		b := next()
		if b == nil {
			return ctx.Err()
		}
		b.data, b.rows, b.hashes = b.data[:0], b.rows[:0], b.hashes[:0]
		for _, raw := range users {
			from := len(b.data)
			b.data = append(b.data, raw...)
			b.rows, b.hashes = append(b.rows, span{from, len(b.data)}), append(b.hashes, roster.HashBytes(raw))
		}
		out(b)
		return nil
	})
}

// user holds the fields of a WorkOS user. Custom attributes may have any JSON type.
type user struct {
	ID     string `json:"idp_id"`
	Email  string `json:"email"`
	First  string `json:"first_name"`
	Last   string `json:"last_name"`
	State  string `json:"state"`
	Title  string `json:"job_title"`
	Custom struct {
		Level        jsontext.Value `json:"management_level"`
		Unit         jsontext.Value `json:"business_unit"`
		Function     jsontext.Value `json:"job_function"`
		Manager      jsontext.Value `json:"people_manager"`
		ManagerEmail jsontext.Value `json:"manager_email"`
		City         jsontext.Value `json:"city"`
		Country      jsontext.Value `json:"country"`
		Office       jsontext.Value `json:"office"`
		Locale       jsontext.Value `json:"locale"`
	} `json:"custom_attributes"`
}

// decodeUser decodes a user.
func decodeUser(row []byte, p *person) error {
	var u user
	if err := json.Unmarshal(row, &u, jsontext.AllowInvalidUTF8(true)); err != nil {
		return err
	}
	p.values = [roster.FieldCount][]byte{
		roster.ExternalID: []byte(u.ID), roster.Email: []byte(u.Email), roster.FirstName: []byte(u.First),
		roster.LastName: []byte(u.Last), roster.Status: []byte(u.State), roster.JobTitle: []byte(u.Title),
		roster.ManagementLevel: plain(u.Custom.Level), roster.BusinessUnit: plain(u.Custom.Unit),
		roster.JobFunction: plain(u.Custom.Function), roster.ManagerEmail: plain(u.Custom.ManagerEmail),
		roster.City: plain(u.Custom.City), roster.Country: plain(u.Custom.Country),
		roster.Office: plain(u.Custom.Office),
		roster.Locale: plain(u.Custom.Locale),
	}
	for field, value := range p.values {
		p.values[field] = normal(value)
	}
	switch string(u.Custom.Manager) {
	case "true", `"1"`, `"Yes"`, `"yes"`:
		p.values[roster.PeopleManager] = []byte("yes")
	case "false", `"0"`, `"No"`, `"no"`:
		p.values[roster.PeopleManager] = []byte("no")
	}
	return p.normalise()
}

// plain returns the text of a JSON string, and nothing for any other value.
func plain(value jsontext.Value) []byte {
	text, err := jsontext.AppendUnquote(nil, value)
	if err != nil || value.Kind() != '"' {
		return nil
	}
	return text
}

// memberships reads every group's users. It writes them if they differ from the last sync. The tenant must not have
// memberships yet.
func (r *round) memberships(ctx context.Context, from pages, l lane, before string) error {
	out := &writes{round: r}
	var err error
	if r.groups, err = l.groups(ctx); err != nil {
		return err
	}
	directory := url.Values{"directory": {from.directory}}
	err = from.each(ctx, "/directory_groups", directory, func(groups []jsontext.Value) error {
		for _, raw := range groups {
			var g struct{ ID, Name string }
			if err := json.Unmarshal(raw, &g, json.MatchCaseInsensitiveNames(true)); err != nil {
				return err
			}
			if err := r.membershipsOf(ctx, from, g.ID, out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || before == hex.EncodeToString(r.digest[:]) {
		return err
	}
	newWriter(r, l, nil).number(out)
	r.add(result{joined: len(out.memberships)})
	return l.write(ctx, out)
}

// membershipsOf reads one group's users. Only new members need memberships.
func (r *round) membershipsOf(ctx context.Context, from pages, key string, out *writes) error {
	id, there := r.groups[key]
	if !there {
		id = newID(r, r.ids.Add(1)-1)
		out.groups, out.audit = append(out.groups, group{id, key}), append(out.audit, groupAdded(id, key))
	}
	return from.each(ctx, "/directory_users", url.Values{"group": {key}}, func(users []jsontext.Value) error {
		for _, raw := range users {
			var u struct {
				ID string `json:"idp_id"`
			}
			if err := json.Unmarshal(raw, &u); err != nil {
				return err
			}
			r.digest = r.digest.Plus(roster.HashBytes([]byte(key + "\x00" + u.ID)))
			if member, there := r.fresh[u.ID]; there {
				out.memberships = append(out.memberships, [2]uuid.UUID{id, member})
				out.audit = append(out.audit, audit{op: "membership_added", why: "listed", member: member, group: id})
			}
		}
		return nil
	})
}
