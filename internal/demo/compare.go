package main

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// differences compares members with people. It returns the number of departed members and a sorted list of differences
// with fields and external ids, but no values.
func differences(people, members map[string]person) (departed int, list []string) {
	for id, member := range members {
		if member["status"] == roster.Departed {
			departed++
			if people[id] != nil {
				list = append(list, id+" departed but is in the directory")
			}
			continue
		}
		truth := people[id]
		if truth == nil {
			list = append(list, id+" is not in the directory")
			continue
		}
		for name, want := range truth {
			if name == "number" { // not a field of a member
				continue
			}
			if got := member[name]; !equal(want, got) {
				list = append(list, fmt.Sprintf("%s of %s", name, id))
			}
		}
	}
	for id := range people {
		if members[id] == nil {
			list = append(list, id+" is missing")
		}
	}
	slices.Sort(list)
	return departed, list
}

// equal compares a simulated value with a member's. An empty value is "" for the simulator and null for a member.
func equal(want, got any) bool {
	switch want := want.(type) {
	case string:
		switch got := got.(type) {
		case nil:
			return want == ""
		case bool: // people_manager
			return want == map[bool]string{true: "yes", false: "no"}[got]
		default:
			return want == got
		}
	case []any:
		list, _ := got.([]any)
		return len(want) == 0 && len(list) == 0 || reflect.DeepEqual(want, got)
	default:
		return reflect.DeepEqual(want, got)
	}
}
