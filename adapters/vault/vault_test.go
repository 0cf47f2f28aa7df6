package vault_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"byte8.io/ledger/adapters/vault"
)

const place = "store_keys.secret.key_1"

func encoded(fill byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, vault.KeySize))
}

func ring(t *testing.T, fills ...byte) *vault.Ring {
	t.Helper()
	entries := make([]string, 0, len(fills))
	for _, fill := range fills {
		entries = append(entries, encoded(fill))
	}
	keys, err := vault.ParseKeys(strings.Join(entries, ","))
	if err != nil {
		t.Fatal(err)
	}
	r, err := vault.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsSealedOpens(t *testing.T) {
	t.Parallel()
	r := ring(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		place := rapid.String().Draw(t, "place")
		sealed, err := r.Seal(plaintext, place)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Open(sealed, place)
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("opened %x, %v; sealed %x", got, err, plaintext)
		}
		if len(plaintext) > 8 && bytes.Contains(sealed, plaintext) {
			t.Fatal("the text stands in the sealed value")
		}
	})
}

func TestSealingTwiceDiffers(t *testing.T) {
	t.Parallel()
	r := ring(t, 1)
	first, err1 := r.Seal([]byte("secret"), place)
	second, err2 := r.Seal([]byte("secret"), place)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(first, second) {
		t.Error("the same text gave the same sealed value")
	}
}

func TestAValueCopiedToAnotherRowDoesNotOpen(t *testing.T) {
	t.Parallel()
	r := ring(t, 1)
	sealed, err := r.Seal([]byte("secret"), place)
	if err != nil {
		t.Fatal(err)
	}
	for _, elsewhere := range []string{"store_keys.secret.key_2", "token_sets.secret.key_1", "", place + "x"} {
		if got, err := r.Open(sealed, elsewhere); !errors.Is(err, vault.ErrSealBroken) || got != nil {
			t.Errorf("opened at %q: %q, %v", elsewhere, got, err)
		}
	}
}

func TestAChangedValueDoesNotOpen(t *testing.T) {
	t.Parallel()
	r := ring(t, 1)
	sealed, err := r.Seal([]byte("secret"), place)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		changed := slices.Clone(sealed)
		changed[i] ^= 1
		if got, err := r.Open(changed, place); err == nil {
			t.Errorf("byte %d changed, and opened as %q", i, got)
		}
	}
	for n := range sealed {
		if got, err := r.Open(sealed[:n], place); err == nil {
			t.Errorf("cut to %d bytes, and opened as %q", n, got)
		}
	}
	if _, err := r.Open(append(slices.Clone(sealed), 0), place); err == nil {
		t.Error("opened with a byte behind it")
	}
}

func TestAnyKeyOfTheRingOpensAndTheNewestSeals(t *testing.T) {
	t.Parallel()
	old, rotated, newest := ring(t, 1), ring(t, 2, 1), ring(t, 2)
	before, err := old.Seal([]byte("secret"), place)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := rotated.Open(before, place); err != nil || string(got) != "secret" {
		t.Errorf("the older key does not open: %q, %v", got, err)
	}
	after, err := rotated.Seal([]byte("secret"), place)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newest.Open(after, place); err != nil {
		t.Errorf("the newest key did not seal: %v", err)
	}
	if _, err := old.Open(after, place); !errors.Is(err, vault.ErrKeyUnknown) {
		t.Errorf("a ring without the key: %v", err)
	}
}

func TestARingNeedsAKey(t *testing.T) {
	t.Parallel()
	if _, err := vault.New(nil); err == nil {
		t.Error("a ring of no keys was made")
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xfb, 0xff}, vault.KeySize/2)
	tests := map[string]struct {
		text string
		want int
		err  string
	}{
		"one":            {encoded(1), 1, ""},
		"several spaced": {" " + encoded(1) + " ,\n" + encoded(2) + "\n", 2, ""},
		"url alphabet":   {base64.URLEncoding.EncodeToString(raw), 1, ""},
		"unpadded":       {base64.RawStdEncoding.EncodeToString(raw), 1, ""},
		"empty":          {"", 0, "key 1 of 1: it is empty"},
		"empty second":   {encoded(1) + ",", 0, "key 2 of 2: it is empty"},
		"not base64":     {encoded(1) + ",secret!", 0, "key 2 of 2: it is not base64"},
		"too short":      {"AAAA", 0, "key 1 of 1: it has 3 bytes, not 32"},
		"twice":          {encoded(1) + "," + encoded(2) + "," + encoded(1), 0, "key 3 of 3: it is key 1 again"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys, err := vault.ParseKeys(tc.text)
			if len(keys) != tc.want || (err == nil) != (tc.err == "") {
				t.Fatalf("%d keys, %v", len(keys), err)
			}
			if err != nil && (!strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "secret!")) {
				t.Errorf("error %q, want %q", err, tc.err)
			}
		})
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	t.Parallel()
	keys, err := vault.ParseKeys(base64.StdEncoding.EncodeToString([]byte("0123456789abcdefghijklmnopqrstuv")))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		if got := fmt.Sprintf(verb, keys); strings.Contains(got, "0123") || strings.Contains(got, "3031") || strings.Contains(got, "48 49") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
