package integration_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"byte8.io/ledger/domain/access"
)

// question is one root field of the schema, asked with tenant A's ids.
type question struct {
	operation ast.Operation
	field     *ast.FieldDefinition
	isWide    bool
	text      string
	variables map[string]any
	// names reports whether the arguments name a thing of tenant A by its id.
	names bool
}

func (q question) String() string {
	if q.isWide {
		return q.field.Name
	}
	return q.field.Name + " (required arguments only)"
}

// scope is what the caller must hold; empty where any known caller may ask.
func (q question) scope() access.Scope {
	auth := q.field.Directives.ForName("auth")
	if auth == nil || auth.Arguments.ForName("scope") == nil {
		return ""
	}
	return access.Scope(auth.Arguments.ForName("scope").Value.Raw)
}

// absent is the rule of an argument that is left out even where all others are
// given.
type absent struct{}

// ownKey is the rule of a key that no other field's question has.
type ownKey struct{}

// rules are the values of arguments and input fields, by name or, where the name
// alone does not tell, by owner and name.
func (w *neighbours) rules() map[string]any {
	past, future := w.now().Add(-24*time.Hour).Format(time.RFC3339), w.now().Add(24*time.Hour).Format(time.RFC3339)
	every := []any{
		w.binding.ID, w.store.ID, w.heldRun.ID, w.key.ID, w.member.ID, w.invitation.ID, w.session.ID, w.job.ID, w.endpoint.ID, w.delivery.ID, w.entry.ID,
	}
	return map[string]any{
		// Ids of tenant A.
		"bindingId": w.binding.ID, "storeId": w.store.ID, "runId": w.heldRun.ID, "jobId": w.job.ID, "memberId": w.member.ID,
		"endpointId": w.endpoint.ID, "deliveryId": w.delivery.ID, "organisationId": w.organisation, "actorId": w.entry.ActorID,
		"node.id": w.binding.ID, "nodes.ids": every, "binding.id": w.binding.ID, "store.id": w.store.ID, "syncRun.id": w.heldRun.ID, "job.id": w.job.ID,
		"apiKeyId": w.key.ID, "invitationId": w.invitation.ID, "sessionId": w.session.ID, "subjectId": w.entry.Subject,

		// Lists.
		"first": 20, "after": absent{}, "number": 1, "action": string(w.entry.Action),
		"from": past, "to": future, "createdFrom": past, "createdTo": future,
		"magentoId": w.heldRun.MagentoID, "magentoIds": []any{w.heldRun.MagentoID}, "errorCode": string(w.heldRun.ErrorCode),
		"text": w.heldRun.IncrementID, "event": string(w.heldRun.Event), "SyncRunFilter.status": []any{"HELD"},
		// No run is both held and left out.
		"skipReason": absent{},

		// Settings.
		"expectedVersion": w.version, "toVersion": 1, "syncSince": past, "websiteFilter": []any{}, "storeFilter": []any{},
		"revenueAccount": "200", "shippingAccount": "200", "taxType": "OUTPUT2", "bankAccount": w.payments, "roundingTolerance": "0.05",
		"percent": "20.00", "method": w.method, "productType": "simple", "itemType": "PRODUCT", "numberPrefix": "", "paymentTermsDays": 14,

		// Jobs.
		"fingerprint": "held:" + string(w.heldRun.ErrorCode), "StartBackfillInput.kind": "BACKFILL_DOCUMENTS",
		// The documents are named one by one.
		"fromMagentoId": absent{}, "toMagentoId": absent{},

		// People, keys and webhooks.
		"name": "a key", "scopes": []any{"runs:read"}, "expiresAt": future, "overlapMinutes": 60, "email": "somebody@new.example", "InviteMemberInput.role": "VIEWER",
		"currentPassword": ownersPassword, "newPassword": "a password that is new", "url": "https://partner.example/hook", "description": "A partner's.",
		"clientMutationKey": ownKey{}, "returnTo": "/",

		// Pairing.
		"baseUrl": w.store.BaseURL, "pairingCode": unusableCode,
	}
}

// asker writes questions.
type asker struct {
	t      *testing.T
	schema *ast.Schema
	rules  map[string]any
}

// ask writes the question of a root field: with every argument, or with those
// required alone.
func (a asker) ask(operation ast.Operation, field *ast.FieldDefinition, isWide bool) question {
	q := question{operation: operation, field: field, isWide: isWide, variables: map[string]any{}}
	var declared, given []string
	for _, argument := range field.Arguments {
		value, ok := a.value(&q, field.Name, argument.Name, argument.Type, argument.DefaultValue)
		if !ok {
			continue
		}
		q.variables[argument.Name] = value
		declared = append(declared, fmt.Sprintf("$%s: %s", argument.Name, argument.Type))
		given = append(given, fmt.Sprintf("%[1]s: $%[1]s", argument.Name))
	}
	root := field.Name
	if len(given) > 0 {
		root += "(" + strings.Join(given, ", ") + ")"
	}
	q.text = string(operation)
	if len(declared) > 0 {
		q.text += "(" + strings.Join(declared, ", ") + ")"
	}
	q.text += " { " + root + a.selection(a.schema.Types[field.Type.Name()], 2) + " }"
	return q
}

// value fills an argument or input field by its name and type. It is false for
// one that is left out.
func (a asker) value(q *question, owner, name string, typ *ast.Type, preset *ast.Value) (any, bool) {
	if !q.isWide && (!typ.NonNull || preset != nil) {
		return nil, false
	}
	definition := a.schema.Types[typ.Name()]
	rule, hasRule := a.rules[owner+"."+name]
	if !hasRule && definition.Kind == ast.Scalar {
		rule, hasRule = a.rules[name]
	}
	switch {
	case rule == absent{}:
		return nil, false
	case rule == ownKey{}:
		return "once-" + owner, true
	case hasRule:
		q.names = q.names || definition.Name == "ID"
		return rule, true
	case definition.Kind == ast.Enum:
		return listed(typ, definition.EnumValues[0].Name), true
	case definition.Name == "Boolean":
		return false, true
	case definition.Kind == ast.InputObject:
		fields := map[string]any{}
		for _, field := range definition.Fields {
			if value, ok := a.value(q, definition.Name, field.Name, field.Type, field.DefaultValue); ok {
				fields[field.Name] = value
			}
		}
		return listed(typ, fields), true
	}
	a.t.Fatalf("%s.%s (%s) is not tried as a stranger: rules say no value for it", owner, name, typ)
	return nil, false
}

func listed(typ *ast.Type, value any) any {
	if typ.Elem != nil {
		return []any{value}
	}
	return value
}

// selection is every scalar of a type and, below it, of the types it leads to.
func (a asker) selection(definition *ast.Definition, depth int) string {
	if definition.IsLeafType() {
		return ""
	}
	var fields []string
	if definition.IsAbstractType() {
		fields = append(fields, "__typename")
		types := map[string]string{}
		for _, possible := range a.schema.GetPossibleTypes(definition) {
			var own []string
			for _, field := range possible.Fields {
				known, isKnown := types[field.Name]
				// Types that disagree on a field cannot stand in one answer.
				if a.schema.Types[field.Type.Name()].IsLeafType() && (!isKnown || known == field.Type.String()) {
					types[field.Name] = field.Type.String()
					own = append(own, field.Name)
				}
			}
			fields = append(fields, "... on "+possible.Name+" { "+strings.Join(own, " ")+" }")
		}
		return " { " + strings.Join(fields, " ") + " }"
	}
	for _, field := range definition.Fields {
		if strings.HasPrefix(field.Name, "__") || slices.ContainsFunc(field.Arguments, isRequired) {
			continue
		}
		below := a.schema.Types[field.Type.Name()]
		switch {
		case below.IsLeafType():
			fields = append(fields, field.Name)
		case depth > 0:
			fields = append(fields, field.Name+a.selection(below, depth-1))
		}
	}
	if len(fields) == 0 {
		return " { __typename }"
	}
	return " { " + strings.Join(fields, " ") + " }"
}

func isRequired(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }
