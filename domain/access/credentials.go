package access

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"

	"byte8.io/ledger/domain/fault"
)

// The lengths of a password in characters.
const (
	MinPassword = 12
	MaxPassword = 128
)

// maxEmail is the longest address that mail can be sent to, by RFC 5321.
const maxEmail = 254

// CheckPassword is nil for a password that may be chosen; otherwise an Invalid
// fault of the field.
func CheckPassword(password, field string) error {
	if n := utf8.RuneCountInString(password); n < MinPassword || n > MaxPassword || !utf8.ValidString(password) {
		message := fmt.Sprintf("A password has between %d and %d characters.", MinPassword, MaxPassword)
		return fault.New(fault.CodeInvalid, message).WithFields(fault.Field{Path: field, Code: "out_of_range", Message: message})
	}
	return nil
}

// ParseEmail is a bare address in lower case, or an Invalid fault of the field
// email.
func ParseEmail(text string) (string, error) {
	text = strings.TrimSpace(text)
	address, err := mail.ParseAddress(text)
	if err != nil || address.Name != "" || address.Address != text || len(text) > maxEmail || strings.ContainsFunc(text, isOdd) {
		message := "The e-mail address cannot be read."
		return "", fault.New(fault.CodeInvalid, message).WithFields(fault.Field{Path: "email", Code: "invalid_format", Message: message})
	}
	return strings.ToLower(text), nil
}

// isOdd reports characters that would need quoting, and those that could end
// a line of a message.
func isOdd(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"<>,;:\()[]`, r) }
