package people_test

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/rollcall/rollcall/bench/people"
)

func TestTheServerSendsTheReportThatIsShown(t *testing.T) {
	t.Parallel()
	server, err := people.Serve(filepath.Join(t.TempDir(), "reports"))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, r := range []people.Report{{People: 50}, {People: 50, Retitled: 1, Grouped: true}, {People: 50}} {
		if err := server.Show(r); err != nil {
			t.Fatal(err)
		}
		var users, groups bytes.Buffer
		if err := r.Write(&users); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteGroups(&groups); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string][]byte{"/users": users.Bytes(), "/groups": groups.Bytes()} {
			response, err := http.Get(server.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s of %+v: %d bytes, %v", path, r, len(got), err)
			}
		}
	}
}
