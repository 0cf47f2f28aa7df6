package settings_test

import (
	"os"
	"strings"
	"testing"

	"byte8.io/ledger/domain/settings"
)

func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := 0
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `settings.") {
			documented++
		}
	}
	shown := settings.Fields(can())
	for _, f := range shown {
		if !strings.Contains(string(page), "| `"+f.Path+"` |") {
			t.Errorf("docs/settings.md has no row for %s", f.Path)
		}
	}
	if documented != len(shown) {
		t.Errorf("docs/settings.md has %d rows for %d settings", documented, len(shown))
	}
}
