package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// tag gives the answer a strong entity tag of its bytes, and reports whether the
// client has it already. Whose answer it is depends on the credentials, so only
// the client itself may keep it, and asks each time.
func tag(header http.Header, r *http.Request, body []byte) bool {
	sum := sha256.Sum256(body)
	own := `"` + hex.EncodeToString(sum[:16]) + `"`
	header.Set("ETag", own)
	header.Set("Cache-Control", "private, no-cache")
	header.Add("Vary", "Accept, Authorization, Cookie")
	for _, known := range r.Header.Values("If-None-Match") {
		for one := range strings.SplitSeq(known, ",") {
			one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
			if one == own || one == "*" {
				return true
			}
		}
	}
	return false
}
