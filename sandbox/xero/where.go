package xero

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// record is something that a where clause can look at. A field is a string, a
// decimal, a bool or a time; the second result is false for an unknown one.
type record interface {
	field(name string) (any, bool)
}

// predicate decides whether a record belongs to the result.
type predicate func(record) (bool, error)

// clause is a parser of the where language: comparisons joined by AND and OR
// (also && and ||) with brackets.
type clause struct {
	tokens []string
}

var lexeme = regexp.MustCompile(`\s*("(?:[^"\\]|\\.)*"|==|!=|>=|<=|&&|\|\||[=<>(),]|[\w.\-]+)`)

func parseWhere(text string) (predicate, error) {
	var tokens []string
	for rest := text; strings.TrimSpace(rest) != ""; {
		found := lexeme.FindStringSubmatchIndex(rest)
		if found == nil || found[0] != 0 {
			return nil, fmt.Errorf("unexpected text at %q", rest)
		}
		tokens = append(tokens, rest[found[2]:found[3]])
		rest = rest[found[1]:]
	}
	c := &clause{tokens: tokens}
	p, err := c.alternatives()
	if err != nil {
		return nil, err
	}
	if len(c.tokens) > 0 {
		return nil, fmt.Errorf("unexpected %q", c.tokens[0])
	}
	return p, nil
}

func (c *clause) next() string {
	if len(c.tokens) == 0 {
		return ""
	}
	token := c.tokens[0]
	c.tokens = c.tokens[1:]
	return token
}

func (c *clause) accept(words ...string) bool {
	for _, word := range words {
		if len(c.tokens) > 0 && strings.EqualFold(c.tokens[0], word) {
			c.next()
			return true
		}
	}
	return false
}

func (c *clause) alternatives() (predicate, error) {
	left, err := c.conjunction()
	for err == nil && c.accept("OR", "||") {
		var right predicate
		if right, err = c.conjunction(); err == nil {
			left = either(left, right)
		}
	}
	return left, err
}

func (c *clause) conjunction() (predicate, error) {
	left, err := c.factor()
	for err == nil && c.accept("AND", "&&") {
		var right predicate
		if right, err = c.factor(); err == nil {
			left = both(left, right)
		}
	}
	return left, err
}

func either(a, b predicate) predicate {
	return func(r record) (bool, error) {
		if ok, err := a(r); ok || err != nil {
			return ok, err
		}
		return b(r)
	}
}

func both(a, b predicate) predicate {
	return func(r record) (bool, error) {
		if ok, err := a(r); !ok || err != nil {
			return ok, err
		}
		return b(r)
	}
}

func (c *clause) factor() (predicate, error) {
	if c.accept("(") {
		p, err := c.alternatives()
		if err == nil && !c.accept(")") {
			err = fmt.Errorf("a bracket is not closed")
		}
		return p, err
	}
	name, operator := c.next(), c.next()
	switch operator {
	case "=", "==", "!=", ">=", "<=", ">", "<":
	default:
		return nil, fmt.Errorf("no comparison after %q", name)
	}
	value, err := c.value()
	if err != nil {
		return nil, err
	}
	return func(r record) (bool, error) {
		held, ok := r.field(name)
		if !ok {
			return false, fmt.Errorf("no property %q", name)
		}
		order, alike := compare(held, value)
		if !alike {
			return false, fmt.Errorf("%q cannot be compared with %v", name, value)
		}
		return holds(operator, order), nil
	}, nil
}

func (c *clause) value() (any, error) {
	token := c.next()
	switch {
	case strings.HasPrefix(token, `"`):
		return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(token[1 : len(token)-1]), nil
	case strings.EqualFold(token, "guid"):
		arguments, err := c.arguments()
		if err != nil || len(arguments) != 1 {
			return nil, fmt.Errorf("guid takes one argument")
		}
		return strings.ToLower(strings.Trim(arguments[0], `"`)), nil
	case strings.EqualFold(token, "DateTime"):
		arguments, err := c.arguments()
		if err != nil {
			return nil, err
		}
		return time.Parse("2006,1,2", strings.Join(arguments[:min(3, len(arguments))], ","))
	case strings.EqualFold(token, "true"), strings.EqualFold(token, "false"):
		return strings.EqualFold(token, "true"), nil
	default:
		number, err := decimal.NewFromString(token)
		if err != nil {
			return nil, fmt.Errorf("%q is not a value", token)
		}
		return number, nil
	}
}

func (c *clause) arguments() ([]string, error) {
	if !c.accept("(") {
		return nil, fmt.Errorf("a bracket is missing")
	}
	var out []string
	for !c.accept(")") {
		token := c.next()
		if token == "" {
			return nil, fmt.Errorf("a bracket is not closed")
		}
		if token != "," {
			out = append(out, token)
		}
	}
	return out, nil
}

// compare orders two values of one kind; strings compare without case.
func compare(a, b any) (order int, ok bool) {
	switch left := a.(type) {
	case string:
		right, ok := b.(string)
		return strings.Compare(strings.ToLower(left), strings.ToLower(right)), ok
	case decimal.Decimal:
		right, ok := b.(decimal.Decimal)
		return left.Cmp(right), ok
	case time.Time:
		right, ok := b.(time.Time)
		return left.Compare(right), ok
	case bool:
		right, ok := b.(bool)
		if left == right {
			return 0, ok
		}
		return 1, ok
	default:
		return 0, false
	}
}

func holds(operator string, order int) bool {
	switch operator {
	case "!=":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	default:
		return order == 0
	}
}
