package magento

import (
	"bytes"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	issuedAheadSeconds = 30
	maxTTLSeconds      = 300
)

// Refusal says why a token was not accepted. Callers of the shop never see it: each is a 401 to them.
type Refusal string

// The refusals, in the order they are looked for.
const (
	RefusedMissing      Refusal = "no bearer token"
	RefusedMalformed    Refusal = "malformed"
	RefusedIssuer       Refusal = "iss"
	RefusedAudience     Refusal = "aud"
	RefusedInsecure     Refusal = "not HTTPS in production"
	RefusedNotConnected Refusal = "not connected"
	RefusedAlgorithm    Refusal = "alg"
	RefusedType         Refusal = "typ"
	RefusedSignature    Refusal = "signature mismatch"
	RefusedSubject      Refusal = "sub"
	RefusedDates        Refusal = "missing or non-integer claim"
	RefusedID           Refusal = "missing jti"
	RefusedAhead        Refusal = "iat too far ahead"
	RefusedEarly        Refusal = "not yet valid"
	RefusedExpired      Refusal = "expired"
	RefusedLifetime     Refusal = "TTL above 300"
	RefusedReplay       Refusal = "jti replay"
)

// authenticate looks for a token of the paired ledger and burns it. The refusal is empty when the
// token is accepted.
func (s *Server) authenticate(r *http.Request) (Refusal, error) {
	scheme, token, found := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !found || !strings.EqualFold(scheme, "bearer") {
		return RefusedMissing, nil
	}
	return s.verify(strings.TrimSpace(token), isSecure(r))
}

func (s *Server) verify(token string, secure bool) (Refusal, error) {
	segments, ok := split(token)
	if !ok {
		return RefusedMalformed, nil
	}
	paired, _ := s.config.client()
	switch {
	case text(segments.body["iss"]) != ledgerName:
		return RefusedIssuer, nil
	case text(segments.body["aud"]) != shopName:
		return RefusedAudience, nil
	case s.opts.ProductionMode && !secure:
		return RefusedInsecure, nil
	case !paired.complete():
		return RefusedNotConnected, nil
	case text(segments.head["alg"]) != "HS256":
		return RefusedAlgorithm, nil
	case text(segments.head["typ"]) != "JWT":
		return RefusedType, nil
	}
	key, err := InboundKey(paired.apiKey)
	if err != nil {
		return "", err
	}
	switch {
	case !hmac.Equal(segments.mac, signature(key, segments.signed)):
		return RefusedSignature, nil
	case text(segments.body["sub"]) != paired.tenantID:
		return RefusedSubject, nil
	default:
		return s.checkLifetime(segments.body), nil
	}
}

func (s *Server) checkLifetime(body map[string]any) Refusal {
	iat, iatOK := integer(body["iat"])
	nbf, nbfOK := integer(body["nbf"])
	exp, expOK := integer(body["exp"])
	jti := text(body["jti"])
	clock := s.opts.Now()
	now := clock.Unix()
	switch {
	case !iatOK || !nbfOK || !expOK:
		return RefusedDates
	case jti == "":
		return RefusedID
	case iat > now+issuedAheadSeconds:
		return RefusedAhead
	case nbf > now:
		return RefusedEarly
	case exp <= now:
		return RefusedExpired
	case exp-iat > maxTTLSeconds:
		return RefusedLifetime
	case !s.replays.burn(jti, clock, time.Unix(exp, 0)):
		return RefusedReplay
	default:
		return ""
	}
}

// segments are the parts of a token, decoded but not believed.
type segments struct {
	head, body map[string]any
	mac        []byte
	signed     string
}

func split(token string) (segments, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return segments{}, false
	}
	head, headOK := object(parts[0])
	body, bodyOK := object(parts[1])
	mac, err := decodeSegment(parts[2])
	if !headOK || !bodyOK || err != nil {
		return segments{}, false
	}
	return segments{head, body, mac, parts[0] + "." + parts[1]}, true
}

func object(segment string) (map[string]any, bool) {
	raw, err := decodeSegment(segment)
	if err != nil {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil || members == nil {
		return nil, false
	}
	_, err = decoder.Token()
	return members, errors.Is(err, io.EOF)
}

// text is a claim that is a JSON string, and empty for any other.
func text(claim any) string {
	value, _ := claim.(string)
	return value
}

// integer is a claim written as a JSON integer: a fraction or an exponent disqualifies it.
func integer(claim any) (int64, bool) {
	literal, ok := claim.(json.Number)
	if !ok {
		return 0, false
	}
	value, err := strconv.ParseInt(literal.String(), 10, 64)
	return value, err == nil
}

// isSecure follows Magento: TLS itself, or the default header of a TLS offloader.
func isSecure(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}
