package main

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/store"
)

func TestAPersonDecidesWhoseAnExternalIDIs(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("acme")
	populate(t, b.store(), "acme")
	ada, bo, _ := people()
	member := ada.ID.String()

	var got control.Linked
	require.NoError(t, json.Unmarshal([]byte(b.must("link", "acme", member, " C9 ", "--by", "Jo", "--note", "4711", "-o",
		"json")), &got))
	assert.Equal(t, control.Linked{
		Tenant: "acme", Decision: "link", Member: ada.ID, ExternalID: "C9", Request: got.Request,
	}, got)
	request, err := b.store().Request(t.Context(), got.Request)
	require.NoError(t, err)
	assert.Equal(t, store.Request{
		ID: got.Request, Tenant: "acme", Verb: "link", By: "Jo", Reason: "4711", At: request.At,
	}, request)
	assert.Contains(t, b.must("changes", "acme", "-o", "json"), `"op":"linked"`)
	assert.Contains(t, b.must("why", "acme", member), "a person decided that the external id is the member's")

	status, out, errOut := b.run("unlink", "acme", member, "--by", "Jo")
	assert.Equal(t, exitUsage, status)
	assert.Empty(t, out)
	assert.Contains(t, errOut, "the member has the external id E1, and is linked to C9: name one of them")
	assert.Contains(t, b.must("unlink", "acme", member, "C9", "--by", "Jo"),
		"acme: unlinked. Syncs reject the row with the external id C9 until you say whose it is:\n"+
			"  starter link acme MEMBER C9 --by WHO\n")
	b.must("unlink", "acme", member, "--by", "Jo")
	assert.NotContains(t, b.must("members", "acme", "-o", "json"), `"external_id":"E1"`)
	assert.Equal(t, fmt.Sprintf("acme: linked. The next sync uses the row with the external id E1 for member %[1]s.\n"+
		"Sync now: starter resync acme\nTake it back: starter unlink acme %[1]s E1 --by WHO\n", member),
		b.must("link", "acme", member, "E1", "--by", "Jo"))

	for _, args := range [][]string{
		{"link", "acme", numbered(77).String(), "C9", "--by", "Jo"},
		{"unlink", "acme", numbered(77).String(), "--by", "Jo"},
		{"unlink", "acme", bo.ID.String(), "--by", "Jo"},
		{"link", "acme", member, " ", "--by", "Jo"},
		{"link", "nobody", member, "C9", "--by", "Jo"},
	} {
		status, out, errOut := b.run(args...)
		assert.Equal(t, exitUsage, status, "%v", args)
		assert.Empty(t, out)
		assert.Contains(t, errOut, "Error: ")
	}
}
