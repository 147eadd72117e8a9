package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// header is the part of the JSON before the lists.
type header struct {
	Tenant   string             `json:"tenant"`
	Name     *string            `json:"name"`
	Run      uuid.UUID          `json:"run"`
	Origin   run.Origin         `json:"origin"`
	Preview  bool               `json:"preview"`
	Tried    []string           `json:"tried"`
	By       *string            `json:"by"`
	Reason   *string            `json:"reason"`
	Decided  *run.Decision      `json:"decided"`
	Started  time.Time          `json:"started"`
	Finished *time.Time         `json:"finished"`
	Dropped  *time.Time         `json:"dropped"`
	Result   *run.Result        `json:"result"`
	Words    []roster.WordCount `json:"words"`
}

// issueJSON is the JSON of an issue. Programs depend on it. Empty values are null.
type issueJSON struct {
	Row        *int            `json:"row"`
	ExternalID *string         `json:"external_id"`
	Email      *string         `json:"email"`
	Field      *string         `json:"field"`
	Code       roster.Code     `json:"code"`
	Severity   roster.Severity `json:"severity"`
	Detail     string          `json:"detail"`
	Hint       string          `json:"hint"`
	Values     []string        `json:"values"` // of the cell that could not be used
}

// changeJSON is the JSON of a change. Programs depend on it.
type changeJSON struct {
	Seq    *int64            `json:"seq"`
	Run    *uuid.UUID        `json:"run"`
	At     *time.Time        `json:"at"`
	Op     string            `json:"op"`
	Member *uuid.UUID        `json:"member"`
	Group  *uuid.UUID        `json:"group"`
	Fields map[string][2]any `json:"fields"`
	Why    *string           `json:"why"`
	Part   *plan.Part        `json:"part"`
}

// causeJSON is the JSON of a cause. It lists the worst of the offending values.
type causeJSON struct {
	Severity roster.Severity `json:"severity"`
	Code     roster.Code     `json:"code"`
	Field    *string         `json:"field"`
	Issues   int             `json:"issues"`
	Hint     string          `json:"hint"`

	Values     []roster.OffendingCount `json:"values"`
	OtherRows  int                     `json:"other_rows"`  // with other values
	UnkeptRows int                     `json:"unkept_rows"` // whose values aren't kept any more
}

// MarshalIssue returns the JSON of an issue on one line. The error is that of encoding/json.
func MarshalIssue(i roster.Issue) ([]byte, error) {
	return marshal(issueJSON{
		Row: nullable.Of(i.Row), ExternalID: nullable.Of(i.ExternalID), Email: nullable.Of(i.Email),
		Field: nullable.Of(i.Field),
		Code:  i.Code, Severity: i.Severity, Detail: i.Detail, Hint: i.Hint, Values: valueTexts(i),
	})
}

// valueTexts returns the offending values of an issue.
func valueTexts(i roster.Issue) []string {
	texts := make([]string, len(i.Values))
	for at, value := range i.Values {
		texts[at] = value.String()
	}
	return texts
}

// MarshalChange returns the JSON of a change on one line. It fails if a value of a field cannot be encoded.
func MarshalChange(c Change) ([]byte, error) {
	fields := c.Fields
	if fields == nil {
		fields = map[string][2]any{}
	}
	return marshal(changeJSON{
		Seq: nullable.Of(c.Seq), Run: nullable.Of(c.Run), At: nullable.Time(c.At), Op: c.Op,
		Member: nullable.Of(c.Member), Group: nullable.Of(c.Group),
		Fields: fields, Why: nullable.Of(c.Why), Part: nullable.Of(c.Part),
	})
}

func writeJSON(w *bufio.Writer, in Input) error {
	words := in.Words
	if words == nil {
		words = []roster.WordCount{}
	}
	head, err := marshal(header{
		Tenant: in.Tenant, Name: nullable.Of(in.Name), Run: in.Run.ID, Origin: in.Run.Origin, Preview: in.Run.Preview,
		Tried: in.Tried,
		By:    nullable.Of(in.By), Reason: nullable.Of(in.Reason),
		Decided: in.Decided,
		Started: in.Run.Started.UTC(), Finished: nullable.Time(in.Run.Finished), Dropped: nullable.Time(in.Dropped),
		Result: in.Run.Result, Words: words,
	})
	if err != nil {
		return err
	}
	w.Write(bytes.TrimSuffix(head, []byte("}"))) //nolint:errcheck // a bufio.Writer keeps its error until Flush
	found := causes{}
	err = writeList(w, "issues", in.Issues, func(i roster.Issue) ([]byte, error) {
		found.add(i, 0)
		return MarshalIssue(i)
	})
	if err != nil {
		return err
	}
	if err := found.complete(in.Earlier); err != nil {
		return err
	}
	sorted := func(yield func(*cause, error) bool) {
		for _, c := range found.worstFirst() {
			if !yield(c, nil) {
				return
			}
		}
	}
	err = writeList(w, "causes", sorted, func(c *cause) ([]byte, error) {
		worst, others := c.values.Worst(valueCount)
		return marshal(causeJSON{
			Severity: c.severity, Code: c.code, Field: nullable.Of(c.field), Issues: c.issues, Hint: c.hint,
			Values: worst, OtherRows: others, UnkeptRows: c.unkept,
		})
	})
	if err != nil {
		return err
	}
	err = writeList(w, "changes", in.Changes, func(c Change) ([]byte, error) {
		if c.Run == uuid.Nil {
			c.Run = in.Run.ID
		}
		return MarshalChange(c)
	})
	if err != nil {
		return err
	}
	if in.Simulated != nil {
		text, err := marshal(in.Simulated)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, ",\n\"replayed\":%s", text) //nolint:errcheck // a bufio.Writer keeps its error until Flush
	} else {
		w.WriteString(",\n\"replayed\":null") //nolint:errcheck // as above
	}
	if err := writeCompared(w, in); err != nil {
		return err
	}
	_, err = w.WriteString("}\n")
	return err
}

// writeList writes the next member of the object: a list with each element on its own line.
func writeList[T any](w *bufio.Writer, name string, list iter.Seq2[T, error], element func(T) ([]byte, error)) error {
	before := ",\n\"" + name + "\":["
	w.WriteString(before) //nolint:errcheck // a bufio.Writer keeps its error until Flush
	before = "\n"
	for v, err := range list {
		if err != nil {
			return err
		}
		text, err := element(v)
		if err != nil {
			return err
		}
		w.WriteString(before) //nolint:errcheck // as above; the next Write ends the loop
		if _, err := w.Write(text); err != nil {
			return err
		}
		before = ",\n"
	}
	_, err := w.WriteString("]")
	return err
}

// marshal returns JSON in which <, > and & are not escaped.
func marshal(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
