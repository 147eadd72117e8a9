package activities

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// In all tests here, memory that is given back is spoiled: whoever still used it would find something else there.
func init() {
	spoil = func(memory any) { spoilIn(reflect.ValueOf(memory).Elem()) }
}

// spoilIn overwrites all slices in v: those are what it owns.
func spoilIn(v reflect.Value) {
	v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem() // so that fields that aren't exported can be set
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			spoilIn(v.Field(i))
		}
	case reflect.Slice:
		all := v.Slice(0, v.Cap())
		if v.Type().Elem().Kind() == reflect.Uint8 {
			for i := range all.Bytes() {
				all.Bytes()[i] = '!'
			}
			return
		}
		for i := range all.Len() {
			all.Index(i).SetZero()
		}
	default:
	}
}

func TestMemoryThatWasGivenBackIsSpoiledInTests(t *testing.T) {
	t.Parallel()
	var judgements lender[judged]
	j := judgements.lend()
	email := j.texts.Put([]byte("ann@x.org"))
	users := append(j.users, roster.User{ExternalID: "1"})
	j.users = users[:0]
	judgements.giveBack(j)
	assert.Equal(t, "!!!!!!!!!", email)
	assert.Zero(t, users[0])
}

func TestAChunkTakesThePlaceOfTheOneBefore(t *testing.T) {
	t.Parallel()
	id := uuid.UUID{15: 1}
	encode := func(content any) []byte {
		data, err := wire.Encode(content)
		require.NoError(t, err)
		return data
	}

	on := &desk{}
	require.NoError(t, on.put(span{}, encode(&rosterChunk{Users: []roster.User{{ExternalID: "1"}}})))
	require.Len(t, on.roster.Users, 1)
	require.NoError(t, on.put(span{}, encode(&rosterChunk{Absent: []uuid.UUID{id}})))
	assert.Empty(t, on.roster.Users)
	assert.Equal(t, []uuid.UUID{id}, on.roster.Absent)

	b := &batch{}
	require.NoError(t, b.read(span{}, encode(&plan.Chunk{Number: 7, Changes: []plan.Change{{Verb: plan.Add, After: &roster.Member{}}}})))
	require.NoError(t, b.read(span{}, encode(&plan.Chunk{Changes: []plan.Change{{Verb: plan.Depart, Member: id}}})))
	assert.Equal(t, plan.Chunk{Changes: []plan.Change{{Verb: plan.Depart, Member: id}}}, b.Chunk)
}
