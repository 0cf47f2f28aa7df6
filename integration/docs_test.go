package integration_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// linkTarget is where a Markdown link leads.
	linkTarget = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	// provenBy is a link to a file of tests, followed by the test's name.
	provenBy = regexp.MustCompile("\\]\\(([^()\\s]+_test\\.go)\\) `(Test\\w+)`")
)

// documents are the documents people read, by their paths from here.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths := []string{"../README.md", "../ARCHITECTURE.md", "../CONTRIBUTING.md", "../CHANGELOG.md"}
	more, err := filepath.Glob("../docs/*.md")
	if err != nil || len(more) == 0 {
		t.Fatalf("no documents in docs: %v", err)
	}
	texts := map[string]string{}
	for _, path := range append(paths, more...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return texts
}

func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	t.Parallel()
	links := 0
	for path, text := range documents(t) {
		for _, found := range linkTarget.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s links to %s: %v", path, found[1], err)
			}
		}
	}
	if links == 0 {
		t.Error("no document has a link: the search finds nothing")
	}
}

func TestDocumentsNameTestsThatExist(t *testing.T) {
	t.Parallel()
	named := 0
	for path, text := range documents(t) {
		for _, found := range provenBy.FindAllStringSubmatch(text, -1) {
			named++
			code, err := os.ReadFile(filepath.Join(filepath.Dir(path), filepath.FromSlash(found[1])))
			if err != nil {
				t.Errorf("%s names a test in %s: %v", path, found[1], err)
				continue
			}
			if !strings.Contains(string(code), "\nfunc "+found[2]+"(t *testing.T)") {
				t.Errorf("%s names %s, and %s has no such test", path, found[2], found[1])
			}
		}
	}
	if named == 0 {
		t.Error("no document names a test: the search finds nothing")
	}
}
