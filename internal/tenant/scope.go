package tenant

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rollcall/rollcall/internal/roster"
)

// scope reads which rows count: a list of values for each column, or the values that leave a row out.
func (r *reader) scope(s *section) roster.Scope {
	child, ok := s.child("scope")
	if !ok {
		return nil
	}
	defer child.done()
	scope, keys := roster.Scope{}, map[string]string{}
	for _, column := range slices.Sorted(maps.Keys(child.entries)) {
		e, _ := child.lookup(column)
		if !child.checkColumn(column, keys) {
			continue
		}
		if strings.Trim(roster.ColumnKey(column), ".") == "" {
			child.reject(column, "name the column that decides who is in")
			continue
		}
		if e.value.Kind != yaml.MappingNode {
			scope[column] = roster.ScopeRule{Only: child.scopeValues(column, e.value)}
			continue
		}
		rule := r.section(child.key(column), e.value)
		not, ok := rule.lookup("not")
		if !ok {
			child.reject(column, "%s", scopeForm)
			continue
		}
		scope[column] = roster.ScopeRule{Not: rule.scopeValues("not", not.value)}
		rule.done()
	}
	return scope
}

const scopeForm = "write the values that count, as [Canada, France], or those that don't, as {not: [Contingent Worker]}"

// scopeValues reads a list of values.
func (s *section) scopeValues(name string, node *yaml.Node) []string {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		s.reject(name, "%s", scopeForm)
		return nil
	}
	values, folded := make([]string, 0, len(node.Content)), map[string]string{}
	for _, one := range node.Content {
		one = follow(one)
		if one.Kind != yaml.ScalarNode || roster.FoldScope(one.Value) == "" {
			s.reject(name, "%s", scopeForm)
			return nil
		}
		fold := roster.FoldScope(one.Value)
		if other, twice := folded[fold]; twice {
			s.reject(name, "%q is the same value as %q, without case: remove one", one.Value, other)
			return nil
		}
		folded[fold] = one.Value
		values = append(values, one.Value)
	}
	return values
}
