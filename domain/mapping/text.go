package mapping

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxEscapes is how often a name may have been escaped over.
const maxEscapes = 3

// decodeEntities undoes HTML escaping, also where it was done more than once.
func decodeEntities(s string) string {
	for range maxEscapes {
		decoded := html.UnescapeString(s)
		if decoded == s {
			break
		}
		s = decoded
	}
	return s
}

// tidy drops control characters and invalid bytes, and makes any run of blanks
// one blank, with none at the ends.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// cut is at most n characters of s, without a blank at its end.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n]), " ")
}
