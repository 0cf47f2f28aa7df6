package xero_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
	sandbox "byte8.io/ledger/sandbox/xero"
)

func (b *bench) updateContacts(writes ...ports.ContactWrite) []ports.ContactOutcome {
	b.t.Helper()
	outcomes, err := b.UpdateContacts(b.t.Context(), b.session, writes)
	require.NoError(b.t, err)
	require.Len(b.t, outcomes, len(writes))
	return outcomes
}

// knownContact is the write of a contact that an earlier call made.
func knownContact(made ports.ContactOutcome, number string, names ...string) ports.ContactWrite {
	w := contactWrite(number, names...)
	w.KnownID, w.KnownName = made.ID, made.Name
	return w
}

// byHand changes contacts as another client of the API does.
func (b *bench) byHand(body string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+"/api.xro/2.0/Contacts", bytes.NewBufferString(body))
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+b.session.AccessToken)
	request.Header.Set("Xero-Tenant-Id", b.session.OrganisationID)
	request.Header.Set("Accept", "application/json")
	response, err := (&http.Client{Transport: newTransport(b.t)}).Do(request)
	require.NoError(b.t, err)
	require.NoError(b.t, response.Body.Close())
	require.Equal(b.t, http.StatusOK, response.StatusCode)
}

// record is a contact as the sandbox holds it.
func (b *bench) record(id string) sandbox.ContactRecord {
	b.t.Helper()
	all := b.sandbox.Contacts("")
	i := slices.IndexFunc(all, func(c sandbox.ContactRecord) bool { return c.ID == id })
	require.GreaterOrEqual(b.t, i, 0)
	return all[i]
}

func TestUpdateContacts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var first []ports.ContactWrite
	for _, n := range numbered("s-", 60) {
		first = append(first, contactWrite(n, "Customer "+n))
	}
	made := b.putContacts(first...)
	var second []ports.ContactWrite
	for i, n := range numbered("s-", 60) {
		w := knownContact(made[i], n, "Renamed "+n)
		w.Contact.Email = n + "@example.test"
		second = append(second, w)
	}
	outcomes := b.updateContacts(second...)
	for i, o := range outcomes {
		require.NoError(t, o.Err)
		require.Equal(t, made[i].ID, o.ID)
		require.Equal(t, second[i].Contact.Names[0], o.Name)
		require.Equal(t, second[i].Contact.Email, b.record(o.ID).Email)
		require.Equal(t, o.Name, b.record(o.ID).Name)
	}
	require.Len(t, b.recorder.of(http.MethodPost, "/Contacts"), 2)
	require.Len(t, b.sandbox.Contacts(""), 60)

	for i := range second {
		second[i].KnownName = outcomes[i].Name
	}
	require.Equal(t, outcomes, b.updateContacts(second...))
	require.Len(t, b.recorder.of(http.MethodPost, "/Contacts"), 2, "nothing differs and something was sent")
}

func TestContactChangeOnTheWire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := contactWrite("s-1", "Ada Lovelace")
	w.Contact.FirstName, w.Contact.Email, w.Contact.Phone = "Ada", "ada@example.test", "1"
	w.Contact.Billing = &books.Address{Lines: []string{"12 Engine Row", "Flat 2"}, City: "London"}
	made := b.putContacts(w)[0]
	b.byHand(`{"Contacts":[{"ContactID":"` + made.ID + `","TaxNumber":"GB1","Phones":[{"PhoneType":"MOBILE","PhoneNumber":"7","PhoneCountryCode":"44"}],
		"Addresses":[{"AddressType":"STREET","City":"Leeds"}]}]}`)

	w.KnownID, w.KnownName = made.ID, made.Name
	w.Contact.FirstName, w.Contact.LastName, w.Contact.Email, w.Contact.Phone = "", "King", "", "2"
	w.Contact.Billing = &books.Address{Lines: []string{"1 Ockham Park"}, City: "London"}
	require.NoError(t, b.updateContacts(w)[0].Err)
	sent := b.recorder.of(http.MethodPost, "/Contacts")[0]
	var got struct{ Contacts []map[string]any }
	require.NoError(t, json.Unmarshal(sent.sent, &got))
	blank := func(kind, line, city string) map[string]any {
		return map[string]any{
			"AddressType": kind, "AddressLine1": line, "AddressLine2": "", "AddressLine3": "", "AddressLine4": "", "City": city,
			"Region": "", "PostalCode": "", "Country": "", "AttentionTo": "",
		}
	}
	want := []map[string]any{{
		"ContactID": made.ID, "LastName": "King",
		"Addresses": []any{blank("POBOX", "1 Ockham Park", "London"), blank("STREET", "", "Leeds")},
		"Phones": []any{
			map[string]any{"PhoneType": "DEFAULT", "PhoneNumber": "2", "PhoneAreaCode": "", "PhoneCountryCode": ""},
			map[string]any{"PhoneType": "MOBILE", "PhoneNumber": "7", "PhoneAreaCode": "", "PhoneCountryCode": "44"},
		},
	}}
	if diff := cmp.Diff(want, got.Contacts); diff != "" {
		t.Errorf("the change as sent (-want +got):\n%s", diff)
	}
	require.Equal(t, "summarizeErrors=false", sent.request.URL.RawQuery)
	require.Empty(t, sent.request.Header.Get("Idempotency-Key"))
	require.NoError(t, b.updateContacts(w)[0].Err)
	require.Len(t, b.recorder.of(http.MethodPost, "/Contacts"), 1, "nothing differs and something was sent")
}

func TestContactsGoBackToAnEarlierState(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.putContacts(contactWrite("s-1", "Ada"))[0]
	for _, email := range []string{"a@example.test", "b@example.test", "a@example.test"} {
		w := knownContact(made, "s-1", "Ada")
		w.Contact.Email = email
		require.NoError(t, b.updateContacts(w)[0].Err)
		require.Equal(t, email, b.record(made.ID).Email)
	}
}

func TestNamesOfUpdatedContacts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.putContacts(contactWrite("s-1", "Ada Lovelace"), contactWrite("s-2", "Ada King"), contactWrite("s-3", "Charles"), contactWrite("s-4", "Grace (4)"), contactWrite("s-5", "alan turing"))
	b.byHand(`{"Contacts":[{"ContactID":"` + made[2].ID + `","Name":"Renamed by hand"}]}`)
	unknownName := knownContact(made[1], "s-2", "Somebody New")
	unknownName.KnownName = ""
	outcomes := b.updateContacts(
		knownContact(made[0], "s-1", "Ada King", "Ada King (ada@example.test)"),
		unknownName,
		knownContact(made[2], "s-3", "Charles Babbage"),
		knownContact(made[3], "s-4", "Grace", "Grace (4)"),
		knownContact(made[4], "s-5", "Alan Turing"),
	)
	var names []string
	for _, o := range outcomes {
		require.NoError(t, o.Err)
		names = append(names, o.Name)
	}
	require.Equal(t, []string{"Ada King (ada@example.test)", "Ada King", "Renamed by hand", "Grace (4)", "Alan Turing"}, names)

	taken := b.updateContacts(knownContact(outcomes[0], "s-1", "Grace (4)", "RENAMED BY HAND"))[0]
	require.Equal(t, fault.CodeContactNameTaken, fault.CodeOf(taken.Err), "%v", taken.Err)
}

func TestUpdatedContactsThatMoved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.putContacts(contactWrite("s-1", "One"), contactWrite("s-2", "Two"), contactWrite("s-3", "Three"), contactWrite("s-4", "Four"))
	b.byHand(`{"Contacts":[{"Name":"By hand"}]}`)
	all := b.sandbox.Contacts("")
	hand := all[len(all)-1].ID
	require.NoError(t, b.sandbox.ArchiveContact(made[0].ID))
	require.NoError(t, b.sandbox.MergeContact(made[1].ID, made[2].ID))
	require.NoError(t, b.sandbox.MergeContact(made[3].ID, hand))
	write := func(at int, number string) ports.ContactWrite {
		w := knownContact(made[at], number, "New "+number)
		w.Contact.Email = number + "@example.test"
		return w
	}
	gone := contactWrite("s-5", "Five")
	gone.KnownID, gone.Contact.Email = "5f0e8b7e-5c7c-4a40-8d0a-1a0f6b8e1c11", "s-5@example.test"
	outcomes := b.updateContacts(write(0, "s-1"), write(1, "s-2"), write(3, "s-4"), gone)
	require.Equal(t, fault.CodeContactArchived, fault.CodeOf(outcomes[0].Err))
	require.Equal(t, made[2], outcomes[1])
	require.Empty(t, b.record(made[2].ID).Email, "the contact belongs to another number")
	require.Equal(t, ports.ContactOutcome{ID: hand, Name: "By hand"}, outcomes[2])
	require.Equal(t, "s-4@example.test", b.record(hand).Email)
	require.NoError(t, outcomes[3].Err)
	require.Equal(t, "s-5@example.test", b.record(outcomes[3].ID).Email)
	require.Len(t, b.recorder.of(http.MethodPost, "/Contacts"), 1)
}

func TestTheLastChangeOfAContactCounts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.putContacts(contactWrite("s-1", "Ada"))[0]
	old, recent := knownContact(made, "s-1", "Ada"), knownContact(made, "s-1", "Ada")
	old.Contact.Email, recent.Contact.Email = "old@example.test", "recent@example.test"
	outcomes := b.updateContacts(old, recent)
	require.Equal(t, outcomes[0], outcomes[1])
	require.Equal(t, "recent@example.test", b.record(made.ID).Email)
	require.Len(t, b.recorder.of(http.MethodPost, "/Contacts"), 1)
}

func TestUnknownContactsAreFoundAndUpdated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.putContacts(contactWrite("s-1", "Ada"))[0]
	b.sandbox.ClearIdempotency()
	w := contactWrite("s-1", "Ada King")
	w.Contact.Email = "ada@example.test"
	require.Equal(t, made, b.updateContacts(w)[0], "a name that is not known to be ours stays")
	require.Equal(t, "ada@example.test", b.record(made.ID).Email)
}

func TestRefusedContactChanges(t *testing.T) {
	t.Parallel()
	held := `{"Contacts":[{"ContactID":"c-1","ContactNumber":"s-1","Name":"Ada","ContactStatus":"ACTIVE"}]}`
	refused := func(message string) string {
		return `{"Contacts":[{"ContactID":"c-1","HasValidationErrors":true,"ValidationErrors":[{"Message":"` + message + `"}]}]}`
	}
	tests := map[string]struct {
		status int
		body   string
		want   fault.Code
	}{
		"an archived contact":  {200, refused("The data provided matched an archived contact"), fault.CodeContactArchived},
		"another refusal":      {200, refused("Email address must be valid"), fault.CodeProviderRejected},
		"nobody's id":          {200, `{"Contacts":[{"ContactID":"00000000-0000-0000-0000-000000000000"}]}`, fault.CodeProviderUncertain},
		"no answer about it":   {200, `{"Contacts":[]}`, fault.CodeProviderUncertain},
		"a 500":                {500, ``, fault.CodeProviderUncertain},
		"a 429":                {429, ``, fault.CodeRateLimited},
		"a token that ran out": {401, ``, fault.CodeProviderTokenExpired},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := stub(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					_, _ = w.Write([]byte(held))
					return
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			})
			w := knownContact(ports.ContactOutcome{ID: "c-1", Name: "Ada"}, "s-1", "Ada")
			w.Contact.Email = "ada@example.test"
			outcomes, err := p.UpdateContacts(t.Context(), stubSession, []ports.ContactWrite{w})
			if err == nil {
				err = outcomes[0].Err
			}
			require.Equal(t, tt.want, fault.CodeOf(err), "%v", err)
		})
	}
}

func TestUncertainContactChangesAreRepeated(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.Kind{sandbox.Fail500After, sandbox.Fail500Before, sandbox.TimeoutAfter} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(_ *sandbox.Options, c *xero.Config) { c.Timeout = 2 * time.Second })
			w := knownContact(b.putContacts(contactWrite("s-1", "Ada"))[0], "s-1", "Ada King")
			require.NoError(t, b.sandbox.InjectFault(sandbox.Fault{Kind: kind, Count: 1, Method: http.MethodPost, Path: "/Contacts", DelayMS: 60_000}))
			_, err := b.UpdateContacts(t.Context(), b.session, []ports.ContactWrite{w})
			require.Equal(t, fault.CodeProviderUncertain, fault.CodeOf(err))
			again := b.updateContacts(w)[0]
			require.NoError(t, again.Err)
			require.Equal(t, "Ada King", again.Name)
		})
	}
}
