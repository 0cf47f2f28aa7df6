package graph_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph"
)

func schema(t *testing.T) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: graph.SDL()})
	if err != nil {
		t.Fatalf("the schema does not load: %v", err)
	}
	return s
}

// ourTypes calls f for every type the schema defines itself.
func ourTypes(s *ast.Schema, f func(*ast.Definition)) {
	for name, definition := range s.Types {
		if !definition.BuiltIn && !strings.HasPrefix(name, "__") {
			f(definition)
		}
	}
}

func isMeta(field *ast.FieldDefinition) bool { return strings.HasPrefix(field.Name, "__") }

func TestSDLIsTheFile(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	if graph.SDL() != string(file) {
		t.Error("SDL() is not schema.graphqls: run make generate")
	}
}

func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	ourTypes(schema(t), func(d *ast.Definition) {
		if d.Description == "" {
			t.Errorf("%s has no description", d.Name)
		}
		for _, field := range d.Fields {
			if isMeta(field) {
				continue
			}
			if field.Description == "" {
				t.Errorf("%s.%s has no description", d.Name, field.Name)
			}
			for _, argument := range field.Arguments {
				if argument.Description == "" {
					t.Errorf("%s.%s(%s) has no description", d.Name, field.Name, argument.Name)
				}
			}
		}
		for _, value := range d.EnumValues {
			if value.Description == "" {
				t.Errorf("%s.%s has no description", d.Name, value.Name)
			}
		}
	})
}

func TestEveryRootFieldAsksWhoCalls(t *testing.T) {
	t.Parallel()
	s := schema(t)
	// Any known caller may use these: what they show is the caller's own.
	withoutScope := []string{"viewer", "node", "nodes", "sessions", "changePassword", "endSession"}
	ourTypes(s, func(d *ast.Definition) {
		for _, field := range d.Fields {
			auth := field.Directives.ForName("auth")
			isRoot := d == s.Query || d == s.Mutation
			if auth == nil {
				if isRoot && !isMeta(field) {
					t.Errorf("%s.%s has no @auth", d.Name, field.Name)
				}
				continue
			}
			scope := auth.Arguments.ForName("scope")
			switch {
			case scope == nil && !slices.Contains(withoutScope, field.Name):
				t.Errorf("%s.%s asks for no scope", d.Name, field.Name)
			case scope != nil && !slices.Contains(access.AllScopes(), access.Scope(scope.Value.Raw)):
				t.Errorf("%s.%s asks for %s, which is no scope", d.Name, field.Name, scope.Value.Raw)
			}
		}
	})
}

func TestMutationsHaveOneShape(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, field := range s.Mutation.Fields {
		noun := strings.ToUpper(field.Name[:1]) + field.Name[1:]
		if len(field.Arguments) != 1 || field.Arguments[0].Name != "input" || field.Arguments[0].Type.String() != noun+"Input!" {
			t.Errorf("%s does not take exactly input: %sInput!", field.Name, noun)
		}
		if got := field.Type.String(); got != noun+"Payload" {
			t.Errorf("%s returns %s, not a nullable %sPayload", field.Name, got, noun)
		}
		if problems := s.Types[field.Type.Name()].Fields.ForName("userErrors"); problems == nil || problems.Type.String() != "[UserError!]!" {
			t.Errorf("%s has no userErrors: [UserError!]!", field.Type.Name())
		}
	}
}

// A bare id would leave open which of the things at hand is meant.
func TestMutationsNameWhatAnIDIsOf(t *testing.T) {
	t.Parallel()
	ourTypes(schema(t), func(d *ast.Definition) {
		if d.Kind != ast.InputObject && !strings.HasSuffix(d.Name, "Payload") {
			return
		}
		for _, field := range d.Fields {
			if field.Type.Name() == "ID" && !strings.HasSuffix(field.Name, "Id") {
				t.Errorf("%s.%s does not end in Id", d.Name, field.Name)
			}
		}
	})
}

func TestListsHoldNoNulls(t *testing.T) {
	t.Parallel()
	ourTypes(schema(t), func(d *ast.Definition) {
		for _, field := range d.Fields {
			if field.Type.Elem == nil || d.Name == "Query" && field.Name == "nodes" {
				continue
			}
			isInput := d.Kind == ast.InputObject
			if !field.Type.Elem.NonNull || !field.Type.NonNull && !isInput {
				t.Errorf("%s.%s is %s", d.Name, field.Name, field.Type)
			}
		}
	})
}

func TestPagesFollowRelay(t *testing.T) {
	t.Parallel()
	s := schema(t)
	pages := 0
	ourTypes(s, func(d *ast.Definition) {
		for _, field := range d.Fields {
			name, isPage := strings.CutSuffix(field.Type.Name(), "Connection")
			if !isPage {
				continue
			}
			pages++
			if field.Arguments.ForName("first") == nil || field.Arguments.ForName("after") == nil {
				t.Errorf("%s.%s takes no first and after", d.Name, field.Name)
			}
			page := s.Types[field.Type.Name()]
			for part, want := range map[string]string{"edges": "[" + name + "Edge!]!", "nodes": "[" + name + "!]!", "pageInfo": "PageInfo!"} {
				if f := page.Fields.ForName(part); f == nil || f.Type.String() != want {
					t.Errorf("%s.%s is not %s", page.Name, part, want)
				}
			}
		}
	})
	if pages == 0 {
		t.Error("the schema has no pages")
	}
}

// A client reads a card, changes a field and sends the card back.
func TestCardsAreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, name := range []string{
		"BindingSettings", "SyncBehaviour", "DefaultMappings", "TaxRateMapping", "PaymentMethodMapping", "ItemTypeMapping", "CommercialSettings",
	} {
		read, written := s.Types[name], s.Types[name+"Input"]
		if len(read.Fields) != len(written.Fields) {
			t.Errorf("%s has %d fields, %s %d", name, len(read.Fields), written.Name, len(written.Fields))
		}
		for _, field := range read.Fields {
			input := written.Fields.ForName(field.Name)
			if input == nil {
				t.Errorf("%s.%s cannot be written", name, field.Name)
				continue
			}
			if got := strings.TrimSuffix(input.Type.Name(), "Input"); got != field.Type.Name() || (input.Type.Elem == nil) != (field.Type.Elem == nil) {
				t.Errorf("%s.%s is read as %s and written as %s", name, field.Name, field.Type, input.Type)
			}
		}
	}
}

func TestEnumsShout(t *testing.T) {
	t.Parallel()
	ourTypes(schema(t), func(d *ast.Definition) {
		for _, value := range d.EnumValues {
			if value.Name != strings.ToUpper(value.Name) {
				t.Errorf("%s.%s", d.Name, value.Name)
			}
		}
	})
}

func TestPinnedNames(t *testing.T) {
	t.Parallel()
	s := schema(t)
	pinned := map[string]string{
		"Query": "viewer node nodes stores store bindings binding providers syncStates syncRuns syncRun failureGroups disconnectPreview apiKeys",
		"Mutation": "connectMagento authorizeProvider selectOrganisation updateSettings retrySyncRun retryFailureGroup releaseHolds " +
			"refreshReferenceData pauseBinding resumeBinding disconnectBinding",
		"Store":        "id baseUrl connectionStatus paymentMethods bindings",
		"Binding":      "id provider status organisation availableOrganisations settings settingsVersion settingsDerived referenceData callBudget health store",
		"Organisation": "id name countryCode baseCurrency",
		"SyncState":    "provider entityType magentoId status providerEntityId providerUrl providerReference skipReason errorCode lastSyncAt run",
		"SyncRun": "event entityType magentoId incrementId status skipReason errorCode message advice attempts trace document totals nextAttemptAt " +
			"providerEntityId providerReference providerUrl settingsVersion createdAt finishedAt binding",
		"BindingHealth":       "pending held failed24h lastRunAt oldestPendingSeconds",
		"CallBudget":          "minuteLeft dayLeft inFlight parkedUntil",
		"ReferenceData":       "organisation accounts taxRates currencies fetchedAt",
		"SyncBehaviour":       "syncUnpaidInvoices syncZeroValueInvoices syncProducts syncSince websiteFilter storeFilter",
		"DefaultMappings":     "revenueAccount shippingAccount taxType bankAccount roundingTolerance taxRateMap",
		"CommercialSettings":  "numberPrefix customerNamePriority initialStatus paymentTermsDays creditNoteSettlement",
		"BindingSettings":     "syncBehaviour defaults paymentMethodMap itemTypeMap commercial",
		"UpdateSettingsInput": "bindingId expectedVersion settings",
		"FailureGroup":        "fingerprint count oldest sample advice title errorCode held",
		"DisconnectPreview":   "removed stays",
		"Totals":              "net tax gross currency",
		"TraceStep":           "rule input result",
		"UserError":           "code field message",
	}
	for name, fields := range pinned {
		for field := range strings.FieldsSeq(fields) {
			if s.Types[name].Fields.ForName(field) == nil {
				t.Errorf("%s.%s is missing", name, field)
			}
		}
	}
	enums := map[string]string{
		"ProviderKey": "XERO SAGE_ACCOUNTING FREEAGENT", "EntityType": "INVOICE CREDITMEMO CUSTOMER PRODUCT", "SyncStatus": "PENDING SYNCED SKIPPED FAILED",
		"SyncRunStatus": "QUEUED RUNNING WAITING UNCERTAIN HELD SUCCEEDED SKIPPED FAILED",
		"BindingStatus": "PENDING ACTIVE PAUSED UNLINKED REVOKED", "StoreConnectionStatus": "PENDING ACTIVE TOKEN_REVOKED",
	}
	for name, values := range enums {
		var have []string
		for _, v := range s.Types[name].EnumValues {
			have = append(have, v.Name)
		}
		if got := strings.Join(have, " "); got != values {
			t.Errorf("%s is %s, want %s", name, got, values)
		}
	}
}
