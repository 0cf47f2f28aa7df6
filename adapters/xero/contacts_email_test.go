package xero_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// duplicates plays a Xero that refuses every contact as a duplicate, has none by
// number, and answers a look-up by e-mail with the contacts given.
func duplicates(message, contacts string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut:
			_, _ = w.Write([]byte(`{"Contacts":[{"ContactID":"00000000-0000-0000-0000-000000000000","ContactNumber":"s-1","HasValidationErrors":true,"ValidationErrors":[{"Message":"` + message + `"}]}]}`))
		case strings.Contains(r.URL.Query().Get("where"), "EmailAddress"):
			_, _ = w.Write([]byte(`{"Contacts":[` + contacts + `]}`))
		default:
			_, _ = w.Write([]byte(`{"Contacts":[]}`))
		}
	}
}

func TestDuplicatesAreLookedUpByEmail(t *testing.T) {
	t.Parallel()
	const (
		name    = "The contact name Ada is already assigned to another contact."
		number  = "The contact number s-1 is already assigned to another contact"
		other   = "A contact like this already exists"
		free    = `{"ContactID":"c-1","Name":"Ada L","EmailAddress":"ADA@example.test"}`
		second  = `{"ContactID":"c-2","Name":"Ada M","EmailAddress":"ada@example.test"}`
		ours    = `{"ContactID":"c-3","ContactNumber":"S-1","Name":"Ada N","EmailAddress":"ada@example.test"}`
		theirs  = `{"ContactID":"c-4","ContactNumber":"s-2","Name":"Ada O","EmailAddress":"ada@example.test"}`
		removed = `{"ContactID":"c-5","Name":"Ada P","ContactStatus":"ARCHIVED","EmailAddress":"ada@example.test"}`
	)
	tests := map[string]struct {
		message, contacts, id string
		want                  fault.Code
	}{
		"a free one":                {name, free, "c-1", ""},
		"a free one and a stranger": {name, theirs + "," + free, "c-1", ""},
		"ours among others":         {number, free + "," + ours + "," + theirs, "c-3", ""},
		"another kind of clash":     {other, free, "c-1", ""},
		"two free ones":             {name, free + "," + second, "", fault.CodeContactNameTaken},
		"a stranger":                {name, theirs, "", fault.CodeContactNameTaken},
		"an archived one":           {name, removed, "", fault.CodeContactNameTaken},
		"a number not shown":        {number, "", "", fault.CodeProviderUncertain},
		"another kind without one":  {other, "", "", fault.CodeProviderRejected},
		"an unreadable look-up":     {name, `{`, "", fault.CodeProviderUnavailable},
		"a refusal that is no clash": {
			"Email address must be valid", free, "", fault.CodeProviderRejected,
		},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			p, _ := stub(t, duplicates(tt.message, tt.contacts))
			w := contactWrite("s-1", "Ada")
			w.Contact.Email = "ada@example.test"
			outcomes, err := p.PutContacts(t.Context(), stubSession, []ports.ContactWrite{w})
			if err == nil {
				require.Equal(t, tt.id, outcomes[0].ID)
				err = outcomes[0].Err
			}
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, tt.want, fault.CodeOf(err), "%v", err)
		})
	}
}

func TestAFreeNameComesBeforeTheLookUpByEmail(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.byHand(`{"Contacts":[{"Name":"Ada","EmailAddress":"ada@example.test"}]}`)
	w := contactWrite("s-1", "Ada", "Ada (ada@example.test)")
	w.Contact.Email = "ada@example.test"
	require.Equal(t, "Ada (ada@example.test)", b.putContacts(w)[0].Name)
	w = contactWrite("s-2", "Ada")
	w.Contact.Email = "ada@example.test"
	adopted := b.putContacts(w)[0]
	require.NoError(t, adopted.Err)
	require.Equal(t, "Ada", adopted.Name)
	require.Len(t, b.sandbox.Contacts(""), 2)
}
