// Package audit holds the audit log: who changed what and when, as entries
// that are never changed and whose hashes form a chain.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"byte8.io/ledger/domain/access"
)

// Entry is one change and who made it.
type Entry struct {
	ID       string
	TenantID access.TenantID
	// Number counts from 1 within the tenant, without gaps. The store assigns it
	// and both hashes as it appends the entry.
	Number int64
	// At is kept to the microsecond.
	At        time.Time
	ActorKind access.Kind
	ActorID   string
	ActorName string
	Action    Action
	// Subject is the id of the thing that was changed.
	Subject string
	// Detail is the particulars as a JSON object with sorted keys. It carries no
	// secrets and no personal data.
	Detail string
	// PreviousHash is the hash of the entry before; empty for the first.
	PreviousHash string
	Hash         string
}

// New is an entry of something the principal did. Detail's values are texts,
// numbers, truth values and lists of them; anything else stands as its error.
func New(id string, p access.Principal, action Action, subject string, detail map[string]any, at time.Time) Entry {
	return Entry{
		ID: id, TenantID: p.TenantID, At: at.UTC().Truncate(time.Microsecond),
		ActorKind: p.Kind, ActorID: p.ID, ActorName: p.Name,
		Action: action, Subject: subject, Detail: encode(detail),
	}
}

func encode(detail map[string]any) string {
	if len(detail) == 0 {
		return "{}"
	}
	raw, err := json.Marshal(detail)
	if err != nil {
		return `{"unreadable":` + strconv.Quote(err.Error()) + `}`
	}
	return string(raw)
}

// formatTag starts what is hashed, so that another encoding never gives the
// same hash.
const formatTag = "byte8-ledger-audit-1"

// Sealed is the entry with its place in the chain.
func (e Entry) Sealed(number int64, previousHash string) Entry {
	e.Number, e.PreviousHash = number, previousHash
	e.Hash = e.digest()
	return e
}

// digest is the hex SHA-256 over every field but the hash itself, each preceded
// by its length as eight bytes, big-endian, so that no two entries are written
// alike.
func (e Entry) digest() string {
	h := sha256.New()
	for _, field := range []string{
		formatTag, e.PreviousHash, string(e.TenantID), strconv.FormatInt(e.Number, 10), e.ID,
		e.At.UTC().Format(time.RFC3339Nano), string(e.ActorKind), e.ActorID, e.ActorName, string(e.Action), e.Subject, e.Detail,
	} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(field)))
		h.Write(length[:])
		h.Write([]byte(field))
	}
	return hex.EncodeToString(h.Sum(nil))
}
