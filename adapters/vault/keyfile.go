package vault

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxKeyFile bounds a key file; one key has 44 characters.
const maxKeyFile = 64 << 10

// LoadOrCreateKeyFile reads the keys in a file that only its owner can read, or
// makes the file with one key drawn from random. The file has the form of
// [ParseKeys], so that a newer key can be put in front. Its folder must exist.
//
// A new file appears under its name only when its content is on disk, and never
// replaces one that is there: of two processes that start together, one makes
// the key and both use it.
func LoadOrCreateKeyFile(path string, random io.Reader) ([]Key, error) {
	keys, err := loadKeyFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if err := createKeyFile(path, random); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("creating the key file: %w", err)
	}
	return loadKeyFile(path)
}

func loadKeyFile(path string) ([]Key, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("opening the key file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("looking at the key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others than its owner (mode %04o); make it private with chmod 600", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("reading the key file: %w", err)
	}
	keys, err := ParseKeys(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

func createKeyFile(path string, random io.Reader) error {
	var raw [KeySize]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return fmt.Errorf("drawing a key: %w", err)
	}
	folder := filepath.Dir(path)
	draft, err := os.CreateTemp(folder, filepath.Base(path)+".*") // created with O_EXCL and mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(base64.StdEncoding.EncodeToString(raw[:]) + "\n")
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes a new name in a folder survive a crash.
func syncFolder(folder string) error {
	dir, err := os.Open(folder) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
