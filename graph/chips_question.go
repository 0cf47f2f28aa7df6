package graph

import (
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/graph/scalar"
)

// chipsQuestion is one syncStates with nothing but leaves.
type chipsQuestion struct {
	field  graphql.CollectedField
	in     app.ListSyncStates
	leaves []chipLeaf
}

// chipLeaf is one selected leaf of a chip.
type chipLeaf struct {
	alias string
	// lead is what stands before the value: a brace or a comma, and the name.
	lead  string
	write func(out []byte, q *chipsQuestion, v *syncrun.StateView) []byte
}

func (q *chipsQuestion) has(alias string) bool {
	for _, leaf := range q.leaves {
		if leaf.alias == alias {
			return true
		}
	}
	return false
}

func (q *chipsQuestion) spell() {
	before := `{"`
	for i := range q.leaves {
		q.leaves[i].lead = before + q.leaves[i].alias + `":`
		before = `,"`
	}
}

// writer appends chips, the elements of a list, to the answer.
func (q *chipsQuestion) writer(into *answerBuffer) func(*syncrun.StateView) {
	isFirst := true
	return func(v *syncrun.StateView) {
		out := into.bytes
		if !isFirst {
			out = append(out, ',')
		}
		isFirst = false
		for i := range q.leaves {
			leaf := &q.leaves[i]
			out = append(out, leaf.lead...)
			out = leaf.write(out, q, v)
		}
		if len(q.leaves) == 0 {
			out = append(out, '{')
		}
		out = append(out, '}')
		into.bytes = out
	}
}

// chipLeaves write the leaves of a chip, by their names.
var chipLeaves = map[string]func(out []byte, q *chipsQuestion, v *syncrun.StateView) []byte{
	"__typename": func(out []byte, _ *chipsQuestion, _ *syncrun.StateView) []byte { return append(out, `"SyncState"`...) },
	"entityType": func(out []byte, q *chipsQuestion, _ *syncrun.StateView) []byte {
		return appendWord(out, entityWords[q.in.EntityType])
	},
	"provider": func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte {
		return appendWord(out, providerWords[binding.Provider(v.Provider)])
	},
	"status": func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte {
		return appendWord(out, chipWords[syncrun.Chip(v.Status)])
	},
	"magentoId": func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte {
		return strconv.AppendInt(out, v.MagentoID, 10)
	},
	"lastSyncAt": func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte {
		out = append(out, '"')
		return append(v.LastSyncAt.UTC().AppendFormat(out, time.RFC3339Nano), '"')
	},
	"providerEntityId": func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte {
		return appendKnown(out, v.ProviderEntityID)
	},
	"providerUrl": func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte {
		return appendKnown(out, v.ProviderURL)
	},
	"providerReference": func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte {
		return appendKnown(out, v.ProviderReference)
	},
	"skipReason": func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte { return appendKnown(out, v.SkipReason) },
	"errorCode":  func(out []byte, _ *chipsQuestion, v *syncrun.StateView) []byte { return appendKnown(out, v.ErrorCode) },
}

// The enums as the schema spells them.
var (
	entityWords = map[commerce.EntityType]string{
		commerce.EntityInvoice: "INVOICE", commerce.EntityCreditMemo: "CREDITMEMO",
		commerce.EntityCustomer: "CUSTOMER", commerce.EntityProduct: "PRODUCT",
	}
	providerWords = map[binding.Provider]string{
		binding.Xero: "XERO", binding.SageAccounting: "SAGE_ACCOUNTING", binding.FreeAgent: "FREEAGENT",
	}
	chipWords = map[syncrun.Chip]string{
		syncrun.ChipPending: "PENDING", syncrun.ChipSynced: "SYNCED", syncrun.ChipSkipped: "SKIPPED", syncrun.ChipFailed: "FAILED",
	}
)

// spelt finds the value that the schema spells so.
func spelt[T comparable](words map[T]string, v any) (T, bool) {
	var none T
	word, ok := v.(string)
	if !ok {
		return none, false
	}
	for value, spelling := range words {
		if spelling == word {
			return value, true
		}
	}
	return none, false
}

// chipsArguments reads the arguments; false when one is not as it should be, for
// the generated executor to say so.
func chipsArguments(raw map[string]any) (app.ListSyncStates, bool) {
	var in app.ListSyncStates
	var ok bool
	if in.EntityType, ok = spelt(entityWords, raw["entityType"]); !ok {
		return in, false
	}
	if raw["magentoIds"] == nil {
		return in, false
	}
	ids := graphql.CoerceList(raw["magentoIds"])
	in.MagentoIDs = make([]int64, len(ids))
	for i, id := range ids {
		n, err := scalar.UnmarshalInt64(id)
		if err != nil {
			return in, false
		}
		in.MagentoIDs[i] = n
	}
	if raw["providers"] != nil {
		for _, v := range graphql.CoerceList(raw["providers"]) {
			key, ok := spelt(providerWords, v)
			if !ok {
				return in, false
			}
			in.Providers = append(in.Providers, key)
		}
	}
	if raw["storeId"] != nil {
		if in.StoreID, ok = raw["storeId"].(string); !ok {
			return in, false
		}
	}
	return in, true
}
