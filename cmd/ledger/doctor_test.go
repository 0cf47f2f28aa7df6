package main

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"
)

func TestDoctorLooksAtTheWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code := run(t.Context(), []string{"--data-dir", dir, "migrate", "up"}, io.Discard, io.Discard); code != 0 {
		t.Fatalf("migrate up ended with %d", code)
	}
	var out bytes.Buffer
	flags := []string{"--data-dir", dir, "--xero-api-url", "http://127.0.0.1:1", "--xero-identity-url", "http://127.0.0.1:1", "doctor", "--json"}
	if code := run(t.Context(), flags, &out, io.Discard); code != 0 {
		t.Errorf("a new ledger's doctor ended with %d: %s", code, out.String())
	}
	var findings []finding
	if err := json.Unmarshal(out.Bytes(), &findings); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range findings {
		found[f.Check] = f.State
	}
	for check, want := range map[string]string{
		"clock": stateOK, "connections": stateOK, "oldest work": stateOK, "dead letters": stateOK, "consents": stateOK, "mail": stateWarning,
	} {
		if found[check] != want {
			t.Errorf("%s is %q, want %q", check, found[check], want)
		}
	}
	if found["disk"] == "" {
		t.Error("nobody looked at the disk")
	}
	broken := append([]string{"--smtp-url", "smtp://127.0.0.1:1?from=ledger@example.test"}, flags...)
	if code := run(t.Context(), broken, io.Discard, io.Discard); code != exitFailed {
		t.Errorf("with a mail server that does not answer the doctor ended with %d, want %d", code, exitFailed)
	}
}

func TestDoctorJudges(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]finding{
		stateWarning: checkClock(-3 * time.Second), stateOK: checkClock(time.Second), stateWrong: diskFinding("dir", fullDisk-1),
	} {
		if got.State != want {
			t.Errorf("%s: %s is %s, want %s", got.Check, got.Detail, got.State, want)
		}
	}
	if got := diskFinding("dir", lowDisk-1).State; got != stateWarning {
		t.Errorf("less than a GB of disk is %s", got)
	}
}
