package xero

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// connection is the link between the app and one organisation.
type connection struct {
	ID          string `json:"id"`
	AuthEventID string `json:"authEventId"`
	TenantID    string `json:"tenantId"`
	TenantType  string `json:"tenantType"`
	TenantName  string `json:"tenantName"`
	CreatedUTC  string `json:"createdDateUtc"`
	UpdatedUTC  string `json:"updatedDateUtc"`
}

const connectionTime = "2006-01-02T15:04:05.0000000"

// link connects an organisation, or marks the existing link as consented anew:
// it keeps its id and its first authEventId. The caller holds the lock.
func (v *vault) link(tenantID, eventID string, now time.Time) {
	stamp := now.UTC().Format(connectionTime)
	for _, c := range v.connections {
		if c.TenantID == tenantID {
			c.UpdatedUTC = stamp
			return
		}
	}
	v.connections = append(v.connections, &connection{
		ID: uuid.NewString(), AuthEventID: eventID, TenantID: tenantID, TenantType: "ORGANISATION",
		CreatedUTC: stamp, UpdatedUTC: stamp,
	})
}

func (v *vault) linked(tenantID string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.ContainsFunc(v.connections, func(c *connection) bool { return c.TenantID == tenantID })
}

func (v *vault) unlink(id string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	before := len(v.connections)
	v.connections = slices.DeleteFunc(v.connections, func(c *connection) bool { return c.ID == id })
	return len(v.connections) < before
}

func (v *vault) list(eventID string) []connection {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := []connection{}
	for _, c := range v.connections {
		if eventID == "" || c.AuthEventID == eventID {
			out = append(out, *c)
		}
	}
	return out
}

func (s *Server) listConnections(r *http.Request) rendered {
	if a, ok := s.authenticate(r); !ok {
		return a
	}
	connections := s.vault.list(r.URL.Query().Get("authEventId"))
	for i := range connections {
		connections[i].TenantName = s.organisations[connections[i].TenantID].name()
	}
	return plainJSON(http.StatusOK, connections)
}

func (s *Server) deleteConnection(r *http.Request) rendered {
	if a, ok := s.authenticate(r); !ok {
		return a
	}
	if !s.vault.unlink(r.PathValue("id")) {
		return rendered{status: http.StatusNotFound, header: http.Header{}}
	}
	return rendered{status: http.StatusNoContent, header: http.Header{}}
}

// authenticate checks the bearer token of a call outside the pipeline.
func (s *Server) authenticate(r *http.Request) (rendered, bool) {
	if _, refused := s.bearerScopes(r); refused != nil {
		out, err := refused.render("application/json")
		if err != nil {
			return rendered{status: http.StatusInternalServerError, header: http.Header{}}, false
		}
		return out, false
	}
	return rendered{}, true
}

// bearerScopes returns the scopes of the call's access token, or the 401.
func (s *Server) bearerScopes(r *http.Request) ([]string, *answer) {
	now := s.options.Now()
	state, scopes := s.vault.inspect(bearer(r), now)
	var a answer
	switch state {
	case tokenGood:
		return scopes, nil
	case tokenExpired:
		a = problem(http.StatusUnauthorized, "TokenExpired: token expired at "+now.UTC().Format("01/02/2006 15:04:05"))
	case tokenUnknown:
		a = problem(http.StatusUnauthorized, "AuthenticationUnsuccessful")
	}
	a.header = http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`}}
	return nil, &a
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
