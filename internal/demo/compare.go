package main

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// differences compares members that haven't departed with people; it names fields and external ids only.
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
			if name == "number" { // the simulator's own
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

// same compares a value of the truth with a member's: the truth writes empty as "", a member as null.
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
