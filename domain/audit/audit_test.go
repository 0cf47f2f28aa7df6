package audit_test

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)

func entry(number int64, previous string) audit.Entry {
	p := access.Principal{Kind: access.KindMember, TenantID: "t-1", ID: "mem_1", Name: "owner@shop.example"}
	return audit.New("aud_1", p, audit.SettingsUpdated, "bnd_1", map[string]any{"version": 2, "changes": []string{"b", "a"}}, noon).Sealed(number, previous)
}

// TestHashIsAsDocumented holds the worked example of docs/audit.md.
func TestHashIsAsDocumented(t *testing.T) {
	t.Parallel()
	e := entry(1, "")
	if e.Detail != `{"changes":["b","a"],"version":2}` || !e.At.Equal(noon.Truncate(time.Microsecond)) {
		t.Fatalf("entry %+v, want sorted keys and microseconds", e)
	}
	const want = "d5cd4989672fdd3aaf63bb28af82fb1316c33973628c471861da454dd516c465"
	if e.Hash != want {
		t.Errorf("hash %s, want %s", e.Hash, want)
	}
}

func TestEveryFieldIsHashed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*audit.Entry){
		"id":            func(e *audit.Entry) { e.ID = "aud_2" },
		"tenant":        func(e *audit.Entry) { e.TenantID = "t-2" },
		"number":        func(e *audit.Entry) { e.Number = 2 },
		"time":          func(e *audit.Entry) { e.At = e.At.Add(time.Microsecond) },
		"kind":          func(e *audit.Entry) { e.ActorKind = access.KindAPIKey },
		"actor":         func(e *audit.Entry) { e.ActorID = "mem_2" },
		"name":          func(e *audit.Entry) { e.ActorName = "else@shop.example" },
		"action":        func(e *audit.Entry) { e.Action = audit.RunRetried },
		"subject":       func(e *audit.Entry) { e.Subject = "bnd_2" },
		"detail":        func(e *audit.Entry) { e.Detail = "{}" },
		"previous hash": func(e *audit.Entry) { e.PreviousHash = "x" },
		"hash":          func(e *audit.Entry) { e.Hash = "x" },
		"moved border":  func(e *audit.Entry) { e.ActorID, e.ActorName = e.ActorID+"o", e.ActorName[1:] },
	} {
		e := entry(1, "")
		change(&e)
		if broken := new(audit.Chain).Next(e); broken == nil {
			t.Errorf("%s: the change was not noticed", name)
		}
	}
}

func TestChain(t *testing.T) {
	t.Parallel()
	var entries []audit.Entry
	previous := ""
	for number := int64(1); number <= 4; number++ {
		e := entry(number, previous)
		entries, previous = append(entries, e), e.Hash
	}
	head := audit.Head{Number: 4, Hash: previous}
	resealed := entries[1]
	resealed.Subject = "bnd_9"
	resealed = resealed.Sealed(2, entries[0].Hash)
	for name, tt := range map[string]struct {
		entries []audit.Entry
		head    audit.Head
		broken  int64
	}{
		"whole":                {entries, head, 0},
		"empty":                {nil, audit.Head{}, 0},
		"first missing":        {entries[1:], head, 1},
		"middle missing":       {[]audit.Entry{entries[0], entries[2], entries[3]}, head, 2},
		"end missing":          {entries[:2], head, 3},
		"all missing":          {nil, head, 1},
		"changed and resealed": {[]audit.Entry{entries[0], resealed, entries[2], entries[3]}, head, 3},
		"head set back":        {entries, audit.Head{Number: 3, Hash: entries[2].Hash}, 4},
		"twice":                {[]audit.Entry{entries[0], entries[0]}, head, 2},
	} {
		var chain audit.Chain
		var broken *audit.Break
		for _, e := range tt.entries {
			if broken = chain.Next(e); broken != nil {
				break
			}
		}
		if broken == nil {
			broken = chain.End(tt.head)
		}
		if got := numberOf(broken); got != tt.broken {
			t.Errorf("%s: broken at %d (%v), want %d", name, got, broken, tt.broken)
		}
	}
}

func numberOf(b *audit.Break) int64 {
	if b == nil {
		return 0
	}
	return b.Number
}
