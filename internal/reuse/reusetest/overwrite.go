// Package reusetest detects use of a value after it was put into a pool of package reuse.
package reusetest

import (
	"reflect"
	"unsafe"
)

// Overwrite overwrites all slices of the value that memory points to. Tests assign it to reuse.Overwrite.
func Overwrite(memory any) { overwrite(reflect.ValueOf(memory).Elem()) }

func overwrite(v reflect.Value) {
	v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem() // allows setting unexported fields
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
