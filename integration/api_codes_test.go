package integration_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"byte8.io/ledger/domain/fault"
)

// codeConstant declares an extensions.code that is no kind of fault.
var codeConstant = regexp.MustCompile(`\bcode[A-Z]\w*\s*= "([A-Z_]+)"`)

func TestEveryErrorCodeIsInTheAPIsTable(t *testing.T) {
	t.Parallel()
	// The codes of the GraphQL library itself.
	codes := []string{"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "PERSISTED_QUERY_NOT_FOUND"}
	for _, row := range fault.Table() {
		codes = append(codes, row.Kind.String())
	}
	files, err := filepath.Glob("../graph/*.go")
	if err != nil {
		t.Fatal(err)
	}
	own := len(codes)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range codeConstant.FindAllStringSubmatch(string(text), -1) {
			codes = append(codes, found[1])
		}
	}
	if len(codes) == own {
		t.Fatal("graph declares no code: the search finds nothing")
	}
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| `extensions.code` |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, code := range codes {
		if !strings.Contains(table, "`"+code+"`") {
			t.Errorf("docs/api.md does not explain %s", code)
		}
	}
}
