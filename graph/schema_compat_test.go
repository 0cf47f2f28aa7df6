package graph_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"byte8.io/ledger/graph"
)

// released is the schema of the last release; make schema-release writes it.
const released = "../docs/schema/released.graphqls"

var releaseLine = regexp.MustCompile(`^# Byte8 Ledger v\d+\.\d+\.\d+\n`)

// Clients of the last release work with this schema as they are.
func TestSchemaBreaksNoClientOfTheLastRelease(t *testing.T) {
	t.Parallel()
	before, err := os.ReadFile(released)
	if err != nil {
		t.Fatal(err)
	}
	if !releaseLine.Match(before) {
		t.Errorf("%s does not begin with its version", released)
	}
	for _, breakage := range breakages(parse(t, string(before)), parse(t, graph.SDL())) {
		t.Error(breakage)
	}
}

func TestBreakagesAreFound(t *testing.T) {
	t.Parallel()
	const before = `
		directive @auth(scope: String) on FIELD_DEFINITION
		interface Node { id: ID! }
		type Run implements Node { id: ID! name: String tags: [String!] at(zone: String!, first: Int = 50): String! @auth(scope: "a") }
		type Job implements Node { id: ID! }
		union Thing = Run | Job
		enum Status { HELD FAILED }
		input Filter { text: String count: Int! = 1 ids: [ID!]! }
		scalar Money
		scalar Spare
		type Query { run(id: ID!, filter: Filter): Run open: Status thing: Thing job: Job sum: Money }`
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"nothing":                      {"", "", nil},
		"type removed":                 {"scalar Spare", "", []string{"Spare is gone"}},
		"type of another kind":         {"scalar Money", "enum Money { PENNY }", []string{"Money is of kind ENUM and was SCALAR"}},
		"field removed":                {"name: String", "", []string{"Run.name is gone"}},
		"field of another type":        {"name: String", "name: Int", []string{"Run.name is Int and was String"}},
		"output may be null":           {"at(zone: String!, first: Int = 50): String!", "at(zone: String!, first: Int = 50): String", []string{"Run.at is String and was String!"}},
		"element may be null":          {"tags: [String!]", "tags: [String]", []string{"Run.tags is [String] and was [String!]"}},
		"output in a list":             {"name: String", "name: [String]", []string{"Run.name is [String] and was String"}},
		"output never null":            {"name: String", "name: String!", nil},
		"list never null":              {"tags: [String!]", "tags: [String!]!", nil},
		"argument removed":             {"zone: String!, ", "", []string{"Run.at(zone:) is gone"}},
		"argument of another type":     {"zone: String!", "zone: Int!", []string{"Run.at(zone:) is Int! and was String!"}},
		"argument required":            {"filter: Filter", "filter: Filter!", []string{"Query.run(filter:) is Filter! and was Filter"}},
		"argument optional":            {"zone: String!", "zone: String", nil},
		"argument's default changed":   {"first: Int = 50", "first: Int = 20", []string{"Run.at(first:) is 20 by default and was 50"}},
		"argument's default removed":   {"first: Int = 50", "first: Int", []string{"Run.at(first:) is nothing by default and was 50"}},
		"argument new and required":    {"open: Status", "open(at: Int!): Status", []string{"Query.open(at:) is new and required"}},
		"argument new and optional":    {"open: Status", "open(at: Int, to: Int! = 1): Status", nil},
		"scope changed":                {`@auth(scope: "a")`, `@auth(scope: "b")`, []string{"Run.at asks for the scope b and asked for a"}},
		"scope added":                  {"name: String", `name: String @auth(scope: "b")`, []string{"Run.name asks for the scope b and asked for none"}},
		"scope removed":                {`@auth(scope: "a")`, "", nil},
		"enum value removed":           {"HELD FAILED", "HELD", []string{"Status.FAILED is gone"}},
		"enum value added":             {"HELD FAILED", "HELD FAILED DONE", nil},
		"input field removed":          {"text: String", "", []string{"Filter.text is gone"}},
		"input field of another type":  {"text: String", "text: Int", []string{"Filter.text is Int and was String"}},
		"input field required":         {"text: String", "text: String!", []string{"Filter.text is String! and was String"}},
		"input field optional":         {"ids: [ID!]!", "ids: [ID]", nil},
		"input element required":       {"text: String", "text: [String!]", []string{"Filter.text is [String!] and was String"}},
		"input default changed":        {"count: Int! = 1", "count: Int! = 2", []string{"Filter.count is 2 by default and was 1"}},
		"input field new and required": {"text: String", "text: String more: Int!", []string{"Filter.more is new and required"}},
		"input field new and optional": {"text: String", "text: String more: Int other: Int! = 0", nil},
		"interface not implemented":    {"Job implements Node", "Job", []string{"Job is no Node any more"}},
		"no member any more":           {"= Run | Job", "= Run", []string{"Job is no Thing any more"}},
		"type added":                   {"scalar Spare", "scalar Spare type More { id: ID! }", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := before
			if c.old != "" {
				if strings.Count(before, c.old) != 1 {
					t.Fatalf("%q is not once in the schema", c.old)
				}
				after = strings.Replace(before, c.old, c.new, 1)
			}
			if diff := cmp.Diff(c.want, breakages(parse(t, before), parse(t, after))); diff != "" {
				t.Errorf("breakages (-want +got):\n%s", diff)
			}
		})
	}
}

func parse(t *testing.T, sdl string) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: sdl})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// breakages are the changes between two schemas that an operation which was
// valid, or its reader, does not survive; sorted.
func breakages(before, after *ast.Schema) []string {
	var found []string
	ourTypes(before, func(was *ast.Definition) {
		is := after.Types[was.Name]
		switch {
		case is == nil:
			found = append(found, was.Name+" is gone")
		case is.Kind != was.Kind:
			found = append(found, fmt.Sprintf("%s is of kind %s and was %s", was.Name, is.Kind, was.Kind))
		default:
			found = append(found, brokenMembers(was, is)...)
			found = append(found, brokenFields(was, is)...)
		}
	})
	slices.Sort(found)
	return found
}

// brokenMembers are the enum values, members of a union and interfaces lost.
func brokenMembers(was, is *ast.Definition) []string {
	var found []string
	for _, value := range was.EnumValues {
		if is.EnumValues.ForName(value.Name) == nil {
			found = append(found, fmt.Sprintf("%s.%s is gone", was.Name, value.Name))
		}
	}
	for _, member := range was.Types {
		if !slices.Contains(is.Types, member) {
			found = append(found, fmt.Sprintf("%s is no %s any more", member, was.Name))
		}
	}
	for _, shape := range was.Interfaces {
		if !slices.Contains(is.Interfaces, shape) {
			found = append(found, fmt.Sprintf("%s is no %s any more", was.Name, shape))
		}
	}
	return found
}

func brokenFields(was, is *ast.Definition) []string {
	var found []string
	isInput := was.Kind == ast.InputObject
	for _, old := range was.Fields {
		name, field := was.Name+"."+old.Name, is.Fields.ForName(old.Name)
		switch {
		case field == nil:
			found = append(found, name+" is gone")
		case isInput:
			found = append(found, brokenInput(name, old.Type, field.Type, old.DefaultValue, field.DefaultValue)...)
		default:
			if !mayBecome(old.Type, field.Type) {
				found = append(found, changed(name, old.Type, field.Type))
			}
			if asked, asks := scopeOf(old), scopeOf(field); asks != "none" && asks != asked {
				found = append(found, fmt.Sprintf("%s asks for the scope %s and asked for %s", name, asks, asked))
			}
			found = append(found, brokenArguments(name, old.Arguments, field.Arguments)...)
		}
	}
	for _, field := range is.Fields {
		if isInput && was.Fields.ForName(field.Name) == nil && isRequired(field.Type, field.DefaultValue) {
			found = append(found, fmt.Sprintf("%s.%s is new and required", was.Name, field.Name))
		}
	}
	return found
}

func brokenArguments(field string, was, is ast.ArgumentDefinitionList) []string {
	var found []string
	for _, old := range was {
		name := fmt.Sprintf("%s(%s:)", field, old.Name)
		if argument := is.ForName(old.Name); argument == nil {
			found = append(found, name+" is gone")
		} else {
			found = append(found, brokenInput(name, old.Type, argument.Type, old.DefaultValue, argument.DefaultValue)...)
		}
	}
	for _, argument := range is {
		if was.ForName(argument.Name) == nil && isRequired(argument.Type, argument.DefaultValue) {
			found = append(found, fmt.Sprintf("%s(%s:) is new and required", field, argument.Name))
		}
	}
	return found
}

func brokenInput(name string, was, is *ast.Type, byDefaultWas, byDefaultIs *ast.Value) []string {
	var found []string
	if !mayBecome(is, was) {
		found = append(found, changed(name, was, is))
	}
	if old, now := defaultOf(byDefaultWas), defaultOf(byDefaultIs); byDefaultWas != nil && now != old {
		found = append(found, fmt.Sprintf("%s is %s by default and was %s", name, now, old))
	}
	return found
}

// mayBecome reports whether whoever reads the one type can read the other: they
// differ at most in being never null. Of what is written it is the other way
// about.
func mayBecome(was, is *ast.Type) bool {
	if was.NonNull && !is.NonNull || was.NamedType != is.NamedType || (was.Elem == nil) != (is.Elem == nil) {
		return false
	}
	return was.Elem == nil || mayBecome(was.Elem, is.Elem)
}

func changed(name string, was, is *ast.Type) string {
	return fmt.Sprintf("%s is %s and was %s", name, is, was)
}

func isRequired(kind *ast.Type, byDefault *ast.Value) bool { return kind.NonNull && byDefault == nil }

func defaultOf(v *ast.Value) string {
	if v == nil {
		return "nothing"
	}
	return v.String()
}

// scopeOf is the scope a field asks for, or none. A field that is for any known
// caller counts as such too: the callers before were known.
func scopeOf(field *ast.FieldDefinition) string {
	if auth := field.Directives.ForName("auth"); auth != nil {
		if scope := auth.Arguments.ForName("scope"); scope != nil {
			return scope.Value.Raw
		}
	}
	return "none"
}
