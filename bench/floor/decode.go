package main

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"github.com/rollcall/rollcall/internal/roster"
)

// person is one decoded row: normalised values by field. They are valid as long as the row.
type person struct {
	values [roster.FieldCount][]byte
	hash   roster.Hash
}

// columns are the report's columns in the order of their fields.
var columns = [roster.FieldCount]string{
	roster.FirstName: "First_Name", roster.LastName: "Last_Name", roster.Email: "Email_-_Work",
	roster.ManagementLevel: "CF_Management_Level", roster.JobTitle: "businessTitle",
	roster.BusinessUnit: "Business_Unit",
	roster.JobFunction:  "Job_Function", roster.PeopleManager: "People_Manager", roster.ManagerEmail: "Manager_Email",
	roster.City: "City", roster.Country: "Country", roster.Office: "Office", roster.Locale: "Locale",
	roster.Status: "Status", roster.ExternalID: "Employee_ID", roster.Groups: "Groups", roster.Role: "-",
}

// layout stores the fields of the previous row's columns. The next row nearly always has the same order.
type layout []place

type place struct {
	name  []byte
	field int // roster.FieldCount: none
}

// field returns the field of the nth column of a row.
func (l *layout) field(n int, name []byte) int {
	if n < len(*l) && bytes.Equal((*l)[n].name, name) {
		return (*l)[n].field
	}
	found := place{name: bytes.Clone(name), field: roster.FieldCount}
	for field, column := range columns {
		if column == string(name) {
			found.field = field
		}
	}
	if n == len(*l) {
		*l = append(*l, found)
	}
	return found.field
}

var errRow = errors.New("a row isn't a flat object, or lacks what is required")

// decode reads a row, an object of texts.
func (l *layout) decode(row []byte, p *person) error {
	p.values = [roster.FieldCount][]byte{}
	at := skip(row, 1)
	for n := 0; at < len(row) && row[at] != '}'; n++ {
		name, next, ok := text(row, at)
		if next = skip(row, next); !ok || next == len(row) || row[next] != ':' {
			return errRow
		}
		value, next, ok := text(row, skip(row, next+1))
		if !ok {
			return errRow
		}
		if field := l.field(n, name); field < roster.FieldCount {
			p.values[field] = normal(value)
		}
		if at = skip(row, next); at < len(row) && row[at] == ',' {
			at = skip(row, at+1)
		}
	}
	return p.normalise()
}

// skip returns the position of the next byte that isn't white space.
func skip(row []byte, at int) int {
	for at < len(row) && row[at] <= ' ' {
		at++
	}
	return at
}

// text reads a JSON string.
func text(row []byte, at int) (value []byte, next int, ok bool) {
	if at >= len(row) || row[at] != '"' {
		return nil, at, false
	}
	at++
	end := bytes.IndexByte(row[at:], '"')
	if end < 0 {
		return nil, at, false
	}
	value = row[at : at+end]
	if bytes.IndexByte(value, '\\') < 0 {
		return value, at + end + 1, true
	}
	for end = at; end < len(row) && row[end] != '"'; end++ {
		if row[end] == '\\' {
			end++
		}
	}
	if end >= len(row) {
		return nil, at, false
	}
	value, err := jsontext.AppendUnquote(nil, row[at-1:end+1])
	return value, end + 1, err == nil
}

// normal returns a text trimmed and in Unicode's composed form.
func normal(value []byte) []byte {
	value = bytes.TrimSpace(value)
	for _, c := range value {
		if c >= 0x80 {
			return norm.NFC.Bytes(value)
		}
	}
	return value
}

var active, english = []byte(roster.Active), []byte("en-US")

// normalise applies the rules of normalisation.
func (p *person) normalise() error {
	for _, field := range []roster.Field{
		roster.ExternalID, roster.FirstName, roster.LastName, roster.Email, roster.ManagementLevel,
	} {
		if len(p.values[field]) == 0 {
			return errRow
		}
	}
	for _, field := range []roster.Field{roster.Email, roster.ManagerEmail, roster.PeopleManager, roster.Status} {
		lower(p.values[field])
	}
	if at := bytes.IndexByte(p.values[roster.Email], '@'); at < 1 {
		return errRow
	}
	p.values[roster.Role] = p.values[roster.ManagementLevel]
	if len(p.values[roster.Locale]) == 0 {
		p.values[roster.Locale] = english
	}
	if len(p.values[roster.Status]) == 0 {
		p.values[roster.Status] = active
	}
	return nil
}

// lower makes a text lower case, in place: the row was hashed before.
func lower(value []byte) {
	for i, c := range value {
		if 'A' <= c && c <= 'Z' {
			value[i] = c + 'a' - 'A'
		}
	}
}

// filled returns the mask of the non-empty columns.
func (p *person) filled() (mask int64) {
	for field, value := range p.values {
		if len(value) > 0 {
			mask |= 1 << field
		}
	}
	return mask
}
