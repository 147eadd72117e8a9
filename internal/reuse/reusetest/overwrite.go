// Package reusetest finds out in tests who still uses memory that was put back to a pool.
package reusetest

import (
	"reflect"
	"unsafe"
)

// Overwrite overwrites all slices in the memory that a pointer points to: those are what it owns. Set reuse.Overwrite to it.
func Overwrite(memory any) { overwrite(reflect.ValueOf(memory).Elem()) }

func overwrite(v reflect.Value) {
	v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem() // so that fields that aren't exported can be set
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			overwrite(v.Field(i))
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
