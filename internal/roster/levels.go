package roster

import "fmt"

// Reader reads management levels, normalised as members have them, as rows judged under this map are read: by the map, then
// by the built-in one. mapped is false for a level that is used as the role word for word.
func (l Levels) Reader() func(level string) (role string, mapped bool) { return newLevelMap(l).role }

// UnmappedLevel is the issue of a level that is used word for word.
func UnmappedLevel(level string) Issue {
	issue := CodeLevelUnmapped.Of(Identity{}, ManagementLevel)
	issue.Detail = fmt.Sprintf("the management level %q is none of the known ones; it is used as the role word for word", shorten(level))
	return issue
}
