package config

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

const documentHeader = `# Configuration

The worker and the starter take everything from the environment. A value that doesn't parse stops the process with a
message that names the variable. Both must see the same database, secrets and task queue.

| variable | default | what it is |
|---|---|---|
`

const documentFooter = `
The connection to Temporal is configured as for the ` + "`temporal`" + ` command line: ` + "`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,\n" +
	"`TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`, `TEMPORAL_PROFILE`" + ` and the configuration file that it reads.

` + "Where `OTEL_EXPORTER_OTLP_ENDPOINT` is set the worker sends traces there (OTLP over HTTP; OpenTelemetry's other variables count too).\n" + `
` + "Secrets of tenants (`${NAME}` in tenants.yaml) come from the environment of `starter apply` and of no other command.\n" + `
This page is written by ` + "`go generate ./internal/config`" + `.
`

// Document returns the text of docs/configuration.md.
func Document() string {
	var page strings.Builder
	page.WriteString(documentHeader)
	for field := range fields() {
		def := field.Tag.Get("default")
		if def != "" {
			def = "`" + def + "`"
		}
		if doc := field.Tag.Get("doc"); doc != "" {
			def = doc
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", variable(field), def, field.Tag.Get("desc"))
	}
	page.WriteString(documentFooter)
	return page.String()
}

// fields yields the fields of Config in order.
func fields() func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		t := reflect.TypeFor[Config]()
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// variable returns the environment variable of a field by envconfig's rules. A name with the prefix WORKOS_ gets no
// other prefix.
func variable(field reflect.StructField) string {
	name := field.Tag.Get("envconfig")
	if strings.HasPrefix(name, "WORKOS_") {
		return name
	}
	if name == "" {
		var words strings.Builder
		for i, r := range field.Name {
			if i > 0 && unicode.IsUpper(r) && unicode.IsLower(rune(field.Name[i-1])) {
				words.WriteByte('_')
			}
			words.WriteRune(r)
		}
		name = strings.ToUpper(words.String())
	}
	return Prefix + "_" + name
}

// defaultOf returns the default in a field's tag.
func defaultOf(name string) string {
	field, _ := reflect.TypeFor[Config]().FieldByName(name)
	return field.Tag.Get("default")
}
