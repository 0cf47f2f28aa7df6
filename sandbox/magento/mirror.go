package magento

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// The statuses a mirror row can have; the ledger may send any but pending.
const (
	SyncPending = "pending"
	SyncSynced  = "synced"
	SyncSkipped = "skipped"
	SyncFailed  = "failed"
)

const (
	typeWidth   = 32
	statusWidth = 16
	textWidth   = 64
	sqlTime     = "2006-01-02 15:04:05"
	sqlZeroTime = "0000-00-00 00:00:00"
)

// mirroredTypes lists the entity types that have chips.
var mirroredTypes = [...]string{"invoice", "creditmemo", "customer", "product"}

// MirrorRow is one row of the table behind the chips in the shop's admin pages.
type MirrorRow struct {
	EntityID          int     `json:"entity_id"`
	EntityType        string  `json:"entity_type"`
	MagentoID         int64   `json:"magento_id"`
	Provider          string  `json:"provider"`
	SyncStatus        string  `json:"sync_status"`
	ProviderEntityID  *string `json:"provider_entity_id"`
	ProviderReference *string `json:"provider_reference"`
	SkipReason        *string `json:"skip_reason"`
	ErrorCode         *string `json:"error_code"`
	LastSyncAt        string  `json:"last_sync_at"`
}

type mirrorKey struct {
	entityType string
	magentoID  int64
	provider   string
}

// mirror is the table, unique by entity type, Magento id and provider.
type mirror struct {
	mu    sync.RWMutex
	rows  []MirrorRow
	index map[mirrorKey]int
}

func newMirror() *mirror { return &mirror{index: map[mirrorKey]int{}} }

// touch inserts a pending row; of a row that is there it only moves the time.
func (m *mirror) touch(entityType string, id int64, provider string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := now.UTC().Format(sqlTime)
	if i, ok := m.index[mirrorKey{entityType, id, provider}]; ok {
		m.rows[i].LastSyncAt = at
		return
	}
	m.insert(MirrorRow{
		EntityType: entityType,
		MagentoID:  id,
		Provider:   provider,
		SyncStatus: SyncPending,
		LastSyncAt: at,
	})
}

// write replaces every column of the row; over-long text is cut to its column.
func (m *mirror) write(row MirrorRow) {
	row.EntityType = *cut(&row.EntityType, typeWidth)
	row.Provider = *cut(&row.Provider, typeWidth)
	row.SyncStatus = *cut(&row.SyncStatus, statusWidth)
	row.ProviderEntityID = cut(row.ProviderEntityID, textWidth)
	row.ProviderReference = cut(row.ProviderReference, textWidth)
	row.SkipReason = cut(row.SkipReason, textWidth)
	row.ErrorCode = cut(row.ErrorCode, textWidth)
	row.LastSyncAt = sqlTimestamp(row.LastSyncAt)
	m.mu.Lock()
	defer m.mu.Unlock()
	if i, ok := m.index[row.key()]; ok {
		row.EntityID = m.rows[i].EntityID
		m.rows[i] = row
		return
	}
	m.insert(row)
}

func (m *mirror) list() []MirrorRow {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.rows)
}

func (m *mirror) insert(row MirrorRow) {
	row.EntityID = len(m.rows) + 1
	m.index[row.key()] = len(m.rows)
	m.rows = append(m.rows, row)
}

func (r MirrorRow) key() mirrorKey { return mirrorKey{r.EntityType, r.MagentoID, r.Provider} }

// syncState serves the ledger's callback.
func (s *Server) syncState(p *params) error {
	row := MirrorRow{
		EntityType:        p.required("entityType"),
		MagentoID:         p.requiredInt("magentoEntityId"),
		Provider:          p.required("provider"),
		SyncStatus:        p.required("syncStatus"),
		ProviderEntityID:  p.optional("providerEntityId"),
		ProviderReference: p.optional("providerReference"),
		SkipReason:        p.optional("skipReason"),
		ErrorCode:         p.optional("errorCode"),
	}
	lastSyncAt := p.optional("lastSyncAt")
	if err := p.finish(); err != nil {
		return err
	}
	switch {
	case !slices.Contains(mirroredTypes[:], row.EntityType):
		return badRequest(fmt.Sprintf("Unknown entity_type %q.", row.EntityType))
	case row.MagentoID <= 0:
		return badRequest("magento_entity_id must be a positive integer.")
	case row.Provider == "":
		return badRequest("provider must not be empty.")
	case row.SyncStatus != SyncSynced && row.SyncStatus != SyncSkipped && row.SyncStatus != SyncFailed:
		return badRequest(fmt.Sprintf("Unknown sync_status %q.", row.SyncStatus))
	}
	row.LastSyncAt = s.opts.Now().UTC().Format(sqlTime)
	if lastSyncAt != nil {
		row.LastSyncAt = *lastSyncAt
	}
	s.mirror.write(row)
	s.stats.callback(row.SyncStatus)
	return nil
}

// cut keeps the first width characters.
func cut(value *string, width int) *string {
	if value == nil {
		return nil
	}
	if characters := []rune(*value); len(characters) > width {
		short := string(characters[:width])
		return &short
	}
	return value
}

// sqlTimestamp keeps what a lenient database keeps of a date: the first nineteen characters, or
// the zero date when those are not one.
func sqlTimestamp(value string) string {
	head := strings.Replace(value, "T", " ", 1)
	if len(head) > len(sqlTime) {
		head = head[:len(sqlTime)]
	}
	if _, err := time.Parse(sqlTime, head); err != nil {
		return sqlZeroTime
	}
	return head
}
