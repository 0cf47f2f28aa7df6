package graph

const lowerHex, upperHex = "0123456789abcdef", "0123456789ABCDEF"

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

// appendText appends a JSON string with the escapes of the generated executor's
// answers: gqlgen's for what JSON asks for, and encoding/json's for what a page
// of HTML or JavaScript would trip over.
func appendText(out, text []byte) []byte {
	out = append(out, '"')
	start := 0
	for i, c := range text {
		if isPlainByte(c) || (c == 0xE2 && !isLineSeparator(text[i:])) {
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
		case '<', '>', '&':
			out = append(out, '\\', 'u', '0', '0', lowerHex[c>>4], lowerHex[c&0xF])
		case 0xE2:
			out = append(out, '\\', 'u', '2', '0', '2', lowerHex[text[i+2]&0xF])
			start = i + 3
		default:
			out = append(out, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&0xF])
		}
	}
	return append(append(out, text[start:]...), '"')
}

// isLineSeparator reports whether the text begins with U+2028 or U+2029.
func isLineSeparator(text []byte) bool {
	return len(text) >= 3 && text[1] == 0x80 && text[2]&^1 == 0xA8
}

// isPlainByte reports whether the byte is neither escaped nor the first one of a
// line separator.
func isPlainByte(c byte) bool {
	return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0xE2
}
