package provision

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	enumspb "go.temporal.io/api/enums/v1"
)

func TestARefusalOfAttributesNamesTheCommands(t *testing.T) {
	t.Parallel()
	add := map[string]enumspb.IndexedValueType{"RollcallTenant": enumspb.INDEXED_VALUE_TYPE_KEYWORD}
	err := refusedAttributes([]string{"RollcallTenant"}, add, os.ErrPermission)
	assert.ErrorIs(t, err, os.ErrPermission)
	assert.ErrorContains(t, err, "\n  temporal operator search-attribute create --name RollcallTenant --type Keyword")
	assert.ErrorContains(t, err, "nothing was changed")
}
