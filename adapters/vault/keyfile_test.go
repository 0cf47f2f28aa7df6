package vault_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"byte8.io/ledger/adapters/vault"
)

func TestAKeyFileIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	rings := make([]*vault.Ring, 8)
	var group sync.WaitGroup
	for i := range rings {
		group.Go(func() {
			keys, err := vault.LoadOrCreateKeyFile(path, rand.Reader)
			if err != nil {
				t.Error(err)
				return
			}
			rings[i], err = vault.New(keys)
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	sealed, err := rings[0].Seal([]byte("secret"), place)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rings {
		if _, err := r.Open(sealed, place); err != nil {
			t.Errorf("start %d has another key: %v", i, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAKeyFileWithANewerKeyInFront(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	write(t, path, encoded(2)+",\n"+encoded(1)+"\n", 0o600)
	keys, err := vault.LoadOrCreateKeyFile(path, rand.Reader)
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
}

func TestAKeyFileThatWillNotDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tests := map[string]struct {
		path string
		want string
	}{
		"group may read":  {write(t, filepath.Join(dir, "group"), encoded(1), 0o640), "chmod 600"},
		"others may read": {write(t, filepath.Join(dir, "others"), encoded(1), 0o604), "chmod 600"},
		"empty":           {write(t, filepath.Join(dir, "empty"), "", 0o600), "it is empty"},
		"a folder":        {folder(t, filepath.Join(dir, "folder")), "not a file"},
		"no folder":       {filepath.Join(dir, "missing", "master.key"), "creating the key file"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := vault.LoadOrCreateKeyFile(tc.path, rand.Reader); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := vault.LoadOrCreateKeyFile(filepath.Join(dir, "fresh"), dry{}); !errors.Is(err, errDry) {
		t.Errorf("without randomness: %v", err)
	}
}

var errDry = errors.New("no randomness")

type dry struct{}

func (dry) Read([]byte) (int, error) { return 0, errDry }

func write(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func folder(t *testing.T, path string) string {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
