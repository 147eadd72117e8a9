package simulator

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// object is an ordered JSON object with encoded values.
type object []cell

type cell struct {
	name  string
	value json.RawMessage
}

func (o object) append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, c := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, c.name)
		dst = append(dst, ':')
		dst = append(dst, c.value...)
	}
	return append(dst, '}')
}

func (o object) raw() json.RawMessage { return o.append(nil) }

// with sets the value of a name and returns the object.
func (o object) with(name string, value json.RawMessage) object {
	for i := range o {
		if o[i].name == name {
			o[i].value = value
			return o
		}
	}
	return append(o, cell{name, value})
}

// appendText appends a JSON string. All text is the simulator's own or was JSON before, so it is valid UTF-8.
func appendText(dst []byte, s string) []byte {
	dst, err := jsontext.AppendQuote(dst, s)
	if err != nil {
		panic(err)
	}
	return dst
}

func text(s string) json.RawMessage { return appendText(nil, s) }

func number(n int) json.RawMessage { return strconv.AppendInt(nil, int64(n), 10) }

func array(items ...json.RawMessage) json.RawMessage {
	return append(append([]byte{'['}, bytes.Join(asBytes(items), []byte{','})...), ']')
}

func asBytes(items []json.RawMessage) [][]byte {
	all := make([][]byte, len(items))
	for i, item := range items {
		all[i] = item
	}
	return all
}

var (
	jsonNull  = json.RawMessage("null")
	jsonTrue  = json.RawMessage("true")
	jsonFalse = json.RawMessage("false")
)
