package magento

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/reach"
)

const (
	// maxQuoted bounds how much of the shop's own words a message quotes.
	maxQuoted = 200
	// maxWait bounds the pause a shop may ask for.
	maxWait = time.Hour
)

// answer is what a shop answered.
type answer struct {
	status int
	header http.Header
	body   []byte
	// isTooLong reports that body is cut.
	isTooLong bool
	// wasResent reports that the transport sent the request more than once.
	wasResent bool
}

func (a answer) isSuccess() bool { return a.status >= 200 && a.status < 300 }

// refusal is nil for an answer with a status of success that is JSON, or empty
// by its status.
//
// A page instead of JSON is what a shop in maintenance or behind a challenge
// shows: it passes, and so is magento_refused rather than a faulty document.
func (a answer) refusal() error {
	switch {
	case a.isSuccess() && a.isTooLong:
		return fault.Newf(fault.CodeMagentoDocument, "The shop's answer is longer than %d MB.", maxAnswer>>20)
	case a.isSuccess() && a.status != http.StatusNoContent && !a.isJSON():
		return fault.New(fault.CodeMagentoRefused, "The shop answered with a page instead of data. Is it in maintenance, or behind a challenge?")
	case a.isSuccess():
		return nil
	case a.status == http.StatusUnauthorized:
		return fault.New(fault.CodeMagentoAuth, "The shop does not accept our key.")
	case a.status == http.StatusNotFound:
		return fault.New(fault.CodeMagentoNotFound, "The shop does not have it"+a.quoted()+".")
	case a.status >= 300 && a.status < 400:
		return fault.New(fault.CodeMagentoRefused, "The shop redirects"+a.target()+"; its address must be the one that answers.")
	}
	return fault.Newf(fault.CodeMagentoRefused, "The shop answered %d%s.", a.status, a.quoted()).WithWait(a.wait())
}

func (a answer) isJSON() bool {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && kind == "application/json" && json.Valid(a.body)
}

// quoted is the shop's message in brackets, or nothing.
func (a answer) quoted() string {
	var w struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal(a.body, &w); err != nil {
		return ""
	}
	text := strings.TrimRight(strings.TrimSpace(strings.Map(printable, w.Message)), ".")
	if text == "" {
		return ""
	}
	return " (" + cut(text, maxQuoted) + ")"
}

// target is where a redirect leads, without path and query.
func (a answer) target() string {
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || to.Host == "" {
		return ""
	}
	return " to " + cut(to.Scheme+"://"+to.Host, maxQuoted)
}

// wait is the pause the shop asked for in seconds; zero when it did not.
func (a answer) wait() time.Duration {
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || seconds <= 0 {
		return 0
	}
	return time.Duration(min(seconds, int(maxWait/time.Second))) * time.Second
}

// unreachable classifies a request that got no answer.
func unreachable(err error) error {
	if refused, ok := errors.AsType[*reach.RefusedError](err); ok {
		return fault.Wrap(fault.CodeStoreAddressRefused, "The shop's address leads to a private network, which may not be called.", refused)
	}
	return fault.Wrap(fault.CodeMagentoUnreachable, "The shop does not answer.", withoutURL(err))
}

func unusableAddress(err error) error {
	return fault.Wrap(fault.CodeStoreAddressRefused, "The shop's address cannot be called.", withoutURL(err))
}

// withoutURL takes the address out of an error of net/http: it is the
// merchant's, and stands in the store's row.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return err
}

// printable maps what does not belong into a message to a space.
func printable(r rune) rune {
	if !unicode.IsPrint(r) {
		return ' '
	}
	return r
}

// cut keeps the first characters of s, never half of one.
func cut(s string, characters int) string {
	n := 0
	for i := range s {
		if n++; n > characters {
			return s[:i]
		}
	}
	return s
}
