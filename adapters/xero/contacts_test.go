package xero_test

import (
	"encoding/json"
	"net/http"
	"strings"
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

func (b *bench) putContacts(writes ...ports.ContactWrite) []ports.ContactOutcome {
	b.t.Helper()
	outcomes, err := b.PutContacts(b.t.Context(), b.session, writes)
	require.NoError(b.t, err)
	require.Len(b.t, outcomes, len(writes))
	return outcomes
}

func TestPutContacts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var writes []ports.ContactWrite
	for _, n := range numbered("s-", 70) {
		writes = append(writes, contactWrite(n, "Customer "+n))
	}
	writes = append(writes, writes[3])
	outcomes := b.putContacts(writes...)
	for i := range 70 {
		require.NoError(t, outcomes[i].Err)
		require.Equal(t, writes[i].Contact.Names[0], outcomes[i].Name)
	}
	require.Equal(t, outcomes[3], outcomes[70])
	require.Len(t, b.sandbox.Contacts(""), 70)
	require.Len(t, b.recorder.of(http.MethodPut, "/Contacts"), 2)
	require.Empty(t, b.recorder.of(http.MethodGet, "/Contacts"))
}

func TestContactsAreFoundAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.putContacts(contactWrite("s-1", "Ada Lovelace"), contactWrite("s-2", "Grace Hopper"))
	b.sandbox.ClearIdempotency()
	changed := []ports.ContactWrite{contactWrite("s-2", "Admiral Hopper"), contactWrite("s-1", "Ada King"), contactWrite("s-3", "Ada Lovelace", "Ada Lovelace (ada@example.test)")}
	again := b.putContacts(changed...)
	require.Equal(t, first[1].ID, again[0].ID)
	require.Equal(t, "Grace Hopper", again[0].Name)
	require.Equal(t, first[0].ID, again[1].ID)
	require.Equal(t, "Ada Lovelace (ada@example.test)", again[2].Name)
	require.Len(t, b.sandbox.Contacts(""), 3)
}

func TestNamesGiveWay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	outcomes := b.putContacts(
		contactWrite("s-1", "John Smith", "John Smith (a@example.test)"),
		contactWrite("s-2", "john  smith", "John Smith (b@example.test)"),
		contactWrite("s-3", "JOHN SMITH"),
		contactWrite("s-4", "", " <John>   Smith ", "john smith", "John Smith (M-4)"),
		contactWrite("s-5", "< >"),
	)
	require.Equal(t, "John Smith", outcomes[0].Name)
	require.Equal(t, "John Smith (b@example.test)", outcomes[1].Name)
	require.Equal(t, fault.CodeContactNameTaken, fault.CodeOf(outcomes[2].Err))
	require.Equal(t, "John Smith (M-4)", outcomes[3].Name)
	require.Equal(t, "s-5", outcomes[4].Name)
	require.Len(t, b.sandbox.Contacts(""), 4)
}

func TestArchivedAndMergedContacts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.putContacts(contactWrite("s-1", "One"), contactWrite("s-2", "Two"), contactWrite("s-3", "Three"), contactWrite("s-4", "Four"))
	require.NoError(t, b.sandbox.ArchiveContact(made[0].ID))
	require.NoError(t, b.sandbox.MergeContact(made[1].ID, made[2].ID))
	require.NoError(t, b.sandbox.MergeContact(made[2].ID, made[3].ID))
	b.sandbox.ClearIdempotency()

	again := b.putContacts(contactWrite("s-1", "One"), contactWrite("s-2", "Two"))
	require.Equal(t, fault.CodeContactArchived, fault.CodeOf(again[0].Err))
	require.Equal(t, made[3].ID, again[1].ID)
	require.Equal(t, "Four", again[1].Name)
	require.Len(t, b.sandbox.Contacts(""), 4)
}

func TestKnownContactsAreChecked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	made := b.putContacts(contactWrite("s-1", "One"), contactWrite("s-2", "Two"), contactWrite("s-3", "Three"))
	require.NoError(t, b.sandbox.ArchiveContact(made[0].ID))
	require.NoError(t, b.sandbox.MergeContact(made[1].ID, made[2].ID))
	known := func(number, id string) ports.ContactWrite {
		w := contactWrite(number, "Name of "+number)
		w.KnownID = id
		return w
	}
	again := b.putContacts(known("s-1", made[0].ID), known("s-2", made[1].ID), known("s-3", made[2].ID), known("s-4", "5f0e8b7e-5c7c-4a40-8d0a-1a0f6b8e1c11"))
	require.Equal(t, fault.CodeContactArchived, fault.CodeOf(again[0].Err))
	require.Equal(t, made[2], again[1])
	require.Equal(t, made[2], again[2])
	require.Equal(t, "Name of s-4", again[3].Name)
	require.Len(t, b.sandbox.Contacts(""), 4)

	b.inject(sandbox.Fail500Before, http.MethodGet, "/Contacts")
	_, err := b.PutContacts(t.Context(), b.session, []ports.ContactWrite{known("s-3", made[2].ID)})
	require.Equal(t, fault.CodeProviderUnavailable, fault.CodeOf(err))
}

func TestUncertainContacts(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.Kind{sandbox.TimeoutAfter, sandbox.Fail500After, sandbox.Fail500Before, sandbox.MalformedJSON, sandbox.HTMLError} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(_ *sandbox.Options, c *xero.Config) { c.Timeout = 2 * time.Second })
			require.NoError(t, b.sandbox.InjectFault(sandbox.Fault{Kind: kind, Method: http.MethodPut, Path: "/Contacts", DelayMS: 60_000}))
			outcomes := b.putContacts(contactWrite("s-1", "Ada Lovelace"), contactWrite("s-2", "Grace Hopper"))
			for _, o := range outcomes {
				require.NoError(t, o.Err)
				require.NotEmpty(t, o.ID)
			}
			require.Len(t, b.sandbox.Contacts(""), 2)
		})
	}
}

func TestContactsStayUncertain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.inject(sandbox.Fail500After, http.MethodPut, "/Contacts")
	b.inject(sandbox.Fail500Before, http.MethodGet, "/Contacts")
	_, err := b.PutContacts(t.Context(), b.session, []ports.ContactWrite{contactWrite("s-1", "Ada")})
	require.Equal(t, fault.CodeProviderUncertain, fault.CodeOf(err))
	outcomes := b.putContacts(contactWrite("s-1", "Ada"))
	require.NoError(t, outcomes[0].Err)
	require.Len(t, b.sandbox.Contacts(""), 1)
}

func TestContactOnTheWire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	long := strings.Repeat("ü", 600)
	w := contactWrite("s-1", "Ada\tLovelace "+strings.Repeat("x", 300))
	w.Contact.FirstName, w.Contact.LastName, w.Contact.Email, w.Contact.Phone = "Ada", "Lovelace", "ada@example.test", " 020 7946 0000 "
	w.Contact.Billing = &books.Address{AttentionTo: "Ada", Lines: []string{long, "b", "c", "d", "e"}, City: "London", PostalCode: "N1", Country: "United Kingdom 2"}
	w.Contact.Shipping = &books.Address{Lines: []string{"4 Mill Lane"}, Region: "Yorkshire"}
	odd := contactWrite("s-2", "Jürgen")
	odd.Contact.Email = "jürgen@example.test"
	for _, o := range b.putContacts(w, odd) {
		require.NoError(t, o.Err)
	}
	var sent struct{ Contacts []map[string]any }
	require.NoError(t, json.Unmarshal(b.recorder.of(http.MethodPut, "/Contacts")[0].sent, &sent))
	want := []map[string]any{
		{
			"Name": "Ada Lovelace " + strings.Repeat("x", 242), "ContactNumber": "s-1", "FirstName": "Ada", "LastName": "Lovelace", "EmailAddress": "ada@example.test",
			"Addresses": []any{
				map[string]any{
					"AddressType": "POBOX", "AddressLine1": long[:1000], "AddressLine2": "b", "AddressLine3": "c", "AddressLine4": "d, e",
					"City": "London", "PostalCode": "N1", "Country": "United Kingdom", "AttentionTo": "Ada",
				},
				map[string]any{"AddressType": "STREET", "AddressLine1": "4 Mill Lane", "Region": "Yorkshire"},
			},
			"Phones": []any{map[string]any{"PhoneType": "DEFAULT", "PhoneNumber": "020 7946 0000"}},
		},
		{"Name": "Jürgen", "ContactNumber": "s-2"},
	}
	if diff := cmp.Diff(want, sent.Contacts); diff != "" {
		t.Errorf("contacts as sent (-want +got):\n%s", diff)
	}
}

func TestContactFaults(t *testing.T) {
	t.Parallel()
	refuse := func(message string) string {
		return `{"Contacts":[{"ContactID":"00000000-0000-0000-0000-000000000000","ContactNumber":"s-1","HasValidationErrors":true,"ValidationErrors":[{"Message":"` + message + `"}]}]}`
	}
	tests := map[string]struct {
		put, get string
		want     fault.Code
	}{
		"a refusal of another sort":      {refuse("Email address must be valid"), `{"Contacts":[]}`, fault.CodeProviderRejected},
		"a number that is not shown yet": {refuse("The contact number s-1 is already assigned to another contact"), `{"Contacts":[]}`, fault.CodeProviderUncertain},
		"every name taken":               {refuse("The contact name Ada is already assigned to another contact."), `{"Contacts":[]}`, fault.CodeContactNameTaken},
		"an answer without the contact":  {`{"Contacts":[]}`, `{"Contacts":[]}`, fault.CodeProviderUncertain},
		"a look-up that cannot be read":  {refuse("The contact name Ada is already assigned to another contact."), `<html>`, fault.CodeProviderUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := stub(t, func(w http.ResponseWriter, r *http.Request) {
				answer := tt.get
				if r.Method == http.MethodPut {
					answer = tt.put
				}
				_, _ = w.Write([]byte(answer))
			})
			outcomes, err := p.PutContacts(t.Context(), stubSession, []ports.ContactWrite{contactWrite("s-1", "Ada")})
			if err == nil {
				err = outcomes[0].Err
			}
			if got := fault.CodeOf(err); got != tt.want {
				t.Errorf("PutContacts = %v, want %s", err, tt.want)
			}
		})
	}
}
