package graph

const upperHex = "0123456789ABCDEF"

// appendWord appends a word that needs no escapes.
func appendWord(out []byte, word string) []byte {
	return append(append(append(out, '"'), word...), '"')
}

// appendKnown appends null for an empty text.
func appendKnown(out, text []byte) []byte {
	if len(text) == 0 {
		return append(out, "null"...)
	}
	return appendText(out, text)
}

// appendText appends a JSON string with gqlgen's escapes: those that JSON asks
// for.
func appendText(out, text []byte) []byte {
	out = append(out, '"')
	start := 0
	for i, c := range text {
		if isPlainByte(c) {
			continue
		}
		out = append(out, text[start:i]...)
		start = i + 1
		switch c {
		case '\t':
			out = append(out, `\t`...)
		case '\r':
			out = append(out, `\r`...)
		case '\n':
			out = append(out, `\n`...)
		case '\\', '"':
			out = append(out, '\\', c)
		default:
			out = append(out, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&0xF])
		}
	}
	return append(append(out, text[start:]...), '"')
}

// isPlainByte reports whether the byte is not escaped.
func isPlainByte(c byte) bool { return c >= 0x20 && c != '"' && c != '\\' }
