package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recipeBlock is a block of shell commands of a recipe, and the answer that
// follows it at once, if one does.
var recipeBlock = regexp.MustCompile("(?s)```sh recipe=(\\w+)\n(.*?)```(?:\\s*```(json|text)\n(.*?)```)?")

// TestRecipes runs every recipe of docs/api.md, in one shell and in order,
// against a real server, and compares what is printed with what is shown.
func TestRecipes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := recipeBlock.FindAllStringSubmatch(string(text), -1)
	if n := strings.Count(string(text), "```sh recipe="); n != len(blocks) {
		t.Fatalf("%d blocks of %d are found", len(blocks), n)
	}
	w := newWorld(t, backend{name: "embedded"}, worldOptions{})
	w.env = append(w.env, "LEDGER_ALLOW_PRIVATE_WEBHOOKS=true")
	w.serve(t)
	out := t.TempDir()
	w.runRecipes(t, blocks, out)

	var recipes []string
	for i, block := range blocks {
		recipe, form, want := block[1], block[3], block[4]
		recipes = append(recipes, recipe)
		got, err := os.ReadFile(blockOutput(out, i))
		if err != nil {
			t.Fatal(err)
		}
		if err := sameAnswer(form, want, string(got)); err != nil {
			t.Errorf("recipe %s, block %d: %v\nprinted:\n%s", recipe, i, err, got)
		}
	}
	want := []string{"start", "pair", "connect", "chips", "live", "retry", "preview", "settings", "backfill", "keys", "webhooks"}
	if diff := cmp.Diff(want, slices.Compact(recipes)); diff != "" {
		t.Errorf("recipes (-want +got):\n%s", diff)
	}
}

func blockOutput(dir string, block int) string { return filepath.Join(dir, strconv.Itoa(block)) }

// runRecipes runs the blocks; what each one prints goes to a file of its own.
func (w *world) runRecipes(t *testing.T, blocks [][]string, out string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	_, hookPort, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	script.WriteString("set -euo pipefail\ntrap 'jobs -p | xargs -r kill 2>/dev/null || true' EXIT\n")
	for i, block := range blocks {
		fmt.Fprintf(&script, "echo 'block %d, %s' >&2\n{\n%s} > '%s'\n", i, block[1], block[2], blockOutput(out, i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script.String())
	cmd.Env = []string{
		"PATH=" + filepath.Dir(path) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"LEDGER_URL=" + w.url, "API_KEY=" + w.apiKey, "SHOP_URL=" + w.shopURL, "XERO_URL=" + w.booksURL, "WEBHOOK_PORT=" + hookPort,
	}
	cmd.Dir = t.TempDir()
	cmd.WaitDelay = 5 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("the recipes: %v\n%s", err, stderr.String())
		for i := range blocks {
			if printed, err := os.ReadFile(blockOutput(out, i)); err == nil {
				t.Logf("block %d printed:\n%s", i, printed)
			}
		}
		t.FailNow()
	}
}

// sameAnswer compares what a block printed with the answer shown: JSON by value,
// without the extensions that are not shown, anything else by line. In either,
// … stands for any text, and alone for any value or any number of lines.
func sameAnswer(form, want, got string) error {
	if form != "json" {
		if !wildcard(strings.TrimSpace(want) + "\n").MatchString(strings.TrimSpace(got) + "\n") {
			return fmt.Errorf("want:\n%s", want)
		}
		return nil
	}
	wanted, err := jsonValues(want)
	if err != nil {
		return fmt.Errorf("what is shown: %w", err)
	}
	printed, err := jsonValues(got)
	if err != nil {
		return fmt.Errorf("what is printed: %w", err)
	}
	if len(wanted) != len(printed) {
		return fmt.Errorf("%d values, want %d", len(printed), len(wanted))
	}
	for i := range wanted {
		if answer, ok := printed[i].(map[string]any); ok {
			delete(answer, "extensions")
		}
		if err := sameJSON("", wanted[i], printed[i]); err != nil {
			return err
		}
	}
	return nil
}

// gap is a line of … alone.
var gap = regexp.MustCompile(`(?m)^…\n`)

// wildcard is the text as a pattern.
func wildcard(text string) *regexp.Regexp {
	parts := gap.Split(text, -1)
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(regexp.QuoteMeta(part), "…", ".*")
	}
	return regexp.MustCompile("^" + strings.Join(parts, "(?s:.*?)") + "$")
}

func jsonValues(text string) ([]any, error) {
	var out []any
	for decoder := json.NewDecoder(strings.NewReader(text)); ; {
		var value any
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, err
		}
		out = append(out, value)
	}
}

func sameJSON(at string, want, got any) error {
	switch want := want.(type) {
	case string:
		text, isText := got.(string)
		if want == "…" && got != nil || isText && wildcard(want).MatchString(text) {
			return nil
		}
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Errorf("%s is %v, want %v", at, got, want)
		}
		for i := range want {
			if err := sameJSON(fmt.Sprintf("%s[%d]", at, i), want[i], list[i]); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is %v, want an object", at, got)
		}
		for name := range object {
			if _, isShown := want[name]; !isShown {
				return fmt.Errorf("%s.%s is not shown", at, name)
			}
		}
		for name := range want {
			if _, isThere := object[name]; !isThere {
				return fmt.Errorf("%s.%s is not there", at, name)
			}
			if err := sameJSON(at+"."+name, want[name], object[name]); err != nil {
				return err
			}
		}
		return nil
	default:
		if reflect.DeepEqual(want, got) {
			return nil
		}
	}
	return fmt.Errorf("%s is %v, want %v", at, got, want)
}

func TestAnswersAreCompared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form, want, got string
		isSame          bool
	}{
		"equal":               {"json", `{"a": 1, "b": [null, true]}`, `{"b":[null,true],"a":1}`, true},
		"another value":       {"json", `{"a": 1}`, `{"a":2}`, false},
		"missing field":       {"json", `{"a": null}`, `{}`, false},
		"field not shown":     {"json", `{}`, `{"a": 1}`, false},
		"extensions left out": {"json", `{"a": 1}`, `{"a":1,"extensions":{"cost":{}}}`, true},
		"longer list":         {"json", `[1]`, `[1, 2]`, false},
		"anything":            {"json", `{"a": "…"}`, `{"a": 5}`, true},
		"anything but null":   {"json", `{"a": "…"}`, `{"a": null}`, false},
		"beginning":           {"json", `"run_…"`, `"run_1"`, true},
		"another beginning":   {"json", `"run_…"`, `"job_1"`, false},
		"two values":          {"json", `1 2`, "1\n2", true},
		"one value too few":   {"json", `1 2`, "1", false},
		"no JSON":             {"json", `1`, "oops", false},
		"nothing":             {"", "", "\n", true},
		"something":           {"", "", "oops", false},
		"lines":               {"text", "a\n…\nd…f\n", "a\nb\nc\ndef\n", true},
		"no lines between":    {"text", "a\n…\nd\n", "a\nd\n", true},
		"lines after":         {"text", "a\n…\n", "a\nb\nc\n", true},
		"lines after a start": {"text", "a…\n", "ab\nc\n", false},
		"another line":        {"text", "a\n…\nd\n", "a\nb\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := sameAnswer(c.form, c.want, c.got); (err == nil) != c.isSame {
				t.Errorf("sameAnswer: %v", err)
			}
		})
	}
}
