package graph

import (
	"mime"
	"net/http"
	"strings"
)

const (
	jsonType    = "application/json"
	graphqlType = "application/graphql-response+json"
)

// contentType is the one of the two that the client asks for first: JSON unless
// it names GraphQL's own, or neither.
func contentType(r *http.Request) string {
	accept := r.Header.Get("Accept")
	if accept == "" {
		return jsonType
	}
	for part := range strings.SplitSeq(accept, ",") {
		switch media, _, err := mime.ParseMediaType(strings.TrimSpace(part)); {
		case err != nil:
		case media == jsonType, media == "application/*", media == "*/*":
			return jsonType
		case media == graphqlType:
			return graphqlType
		}
	}
	return graphqlType
}
