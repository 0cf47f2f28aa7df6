package integration_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestMagentoGrid runs every command of docs/magento-grid.md, in one shell and
// in order, against a real server.
func TestMagentoGrid(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/magento-grid.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlock.FindAllStringSubmatch(string(text), -1)
	w := newWorld(t, backend{name: "embedded"}, worldOptions{})
	w.serve(t)
	w.connect(t)
	if _, err := w.shop.Raise(3); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "every invoice has its chip", w.settled)

	var script strings.Builder
	script.WriteString("set -euo pipefail\n")
	for i, block := range blocks {
		script.WriteString("echo; echo 'block " + strconv.Itoa(i) + "'\n" + block[1])
	}
	ids := w.shop.Invoices()
	list := strconv.Itoa(ids[0].ID) + ", " + strconv.Itoa(ids[1].ID) + ", " + strconv.Itoa(ids[2].ID)
	cmd := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(script.String(), "[1, 2, 3]", "["+list+"]"))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LEDGER_URL=" + w.url, "TENANT_ID=" + w.tenant, "STORE_KEY=" + w.shop.StoreKey()}
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the commands: %v\n%s", err, out)
	}
	parts := regexp.MustCompile(`(?m)^block \d+\n`).Split(string(out), -1)[1:]
	if len(parts) != len(blocks) || len(parts) != 5 {
		t.Fatalf("%d blocks answered, want 5:\n%s", len(parts), out)
	}
	for i, want := range map[int]string{1: `"status":"SYNCED"`, 2: `"provider":"XERO"`, 3: `"magentoId":` + strconv.Itoa(ids[0].ID) + `,`} {
		if !strings.HasPrefix(strings.TrimSpace(parts[i]), `{"data":{"syncStates":[{`) || !strings.Contains(parts[i], want) {
			t.Errorf("block %d printed %q, want %s in it", i, parts[i], want)
		}
	}
	if got := strings.TrimSpace(parts[4]); got != "304" {
		t.Errorf("asking with the tag printed %q, want 304 and no body", got)
	}
}
