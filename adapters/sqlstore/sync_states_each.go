package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// packedChips are all chips in one value, each in PostgreSQL's binary format of a
// row. The driver makes two allocations of each text it hands over, and some for
// each row; of this, a few in all.
const packedChips = `string_agg(record_send(ROW(magento_id, provider, store_id, status, provider_entity_id, provider_reference, provider_url,
	skip_reason, error_code, last_sync_at)), CAST('' AS bytea))`

// packedFields is how many fields a row of packedChips has.
const packedFields = 10

// postgresEpoch is the Unix time in seconds of PostgreSQL's zero.
const postgresEpoch = 946_684_800

// EachSyncState implements [ports.Runs]. It is the hottest read of all.
func (s *Runs) EachSyncState(ctx context.Context, tenant access.TenantID, q ports.SyncStateQuery, yield func(*syncrun.StateView)) error {
	if s.db.dialect.driver == postgres.driver {
		return failed("reading chips", s.eachPackedState(ctx, tenant, q, yield))
	}
	states, err := s.ListSyncStates(ctx, tenant, q)
	for _, c := range states {
		yield(&syncrun.StateView{
			MagentoID: c.MagentoID, StoreID: []byte(c.StoreID), Provider: []byte(c.Provider), Status: []byte(c.Status),
			ProviderEntityID: []byte(c.ProviderEntityID), ProviderReference: []byte(c.ProviderReference), ProviderURL: []byte(c.ProviderURL),
			SkipReason: []byte(c.SkipReason), ErrorCode: []byte(c.ErrorCode), LastSyncAt: c.LastSyncAt,
		})
	}
	return err
}

func (s *Runs) eachPackedState(ctx context.Context, tenant access.TenantID, q ports.SyncStateQuery, yield func(*syncrun.StateView)) error {
	packed := s.db.packs.take()
	defer s.db.packs.giveBack(packed)
	if err := s.readPacked(ctx, tenant, q, packed); err != nil {
		return err
	}
	packed.sort()
	var view syncrun.StateView
	for _, row := range packed.rows {
		view = packed.view(row)
		yield(&view)
	}
	return nil
}

// readPacked copies the rows out, and so gives the connection back before
// anything is done with them.
func (s *Runs) readPacked(ctx context.Context, tenant access.TenantID, q ports.SyncStateQuery, into *packedStates) error {
	rows, err := s.querySyncStates(ctx, tenant, q, packedChips)
	if err != nil {
		return err
	}
	defer rows.Close()
	var raw sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		if err := into.fill(raw); err != nil {
			return err
		}
	}
	return rows.Err()
}

// packedStates are rows of packedChips, one after the other.
type packedStates struct {
	bytes []byte
	rows  []packedRow
}

type packedRow struct {
	magentoID  int64
	start, end int
}

func (p *packedStates) fill(raw []byte) error {
	p.bytes = append(p.bytes, raw...)
	for start := 0; start < len(p.bytes); {
		var v syncrun.StateView
		rest, err := unpack(p.bytes[start:], &v)
		if err != nil {
			return err
		}
		end := len(p.bytes) - len(rest)
		p.rows = append(p.rows, packedRow{v.MagentoID, start, end})
		start = end
	}
	return nil
}

// sort orders the rows by id, provider and store.
func (p *packedStates) sort() {
	slices.SortFunc(p.rows, func(a, b packedRow) int {
		if a.magentoID != b.magentoID {
			return cmp.Compare(a.magentoID, b.magentoID)
		}
		x, y := p.view(a), p.view(b)
		return cmp.Or(bytes.Compare(x.Provider, y.Provider), bytes.Compare(x.StoreID, y.StoreID))
	})
}

// view is a row that fill has read before.
func (p *packedStates) view(r packedRow) (v syncrun.StateView) {
	_, _ = unpack(p.bytes[r.start:r.end], &v)
	return v
}

var errPacked = errors.New("the database sent a row that cannot be read")

// unpack reads the first row into a view of its bytes and returns what follows it.
func unpack(row []byte, v *syncrun.StateView) (rest []byte, err error) {
	if len(row) < 4 || binary.BigEndian.Uint32(row) != packedFields {
		return nil, errPacked
	}
	row = row[4:]
	var fields [packedFields][]byte
	for i := range fields {
		// Each field is its type, its length and its bytes; none is NULL.
		if len(row) < 8 {
			return nil, errPacked
		}
		size := binary.BigEndian.Uint32(row[4:])
		row = row[8:]
		if uint64(size) > uint64(len(row)) {
			return nil, errPacked
		}
		fields[i], row = row[:size], row[size:]
	}
	if len(fields[0]) != 8 || len(fields[9]) != 8 {
		return nil, errPacked
	}
	v.MagentoID = int64(binary.BigEndian.Uint64(fields[0]))
	v.Provider, v.StoreID, v.Status = fields[1], fields[2], fields[3]
	v.ProviderEntityID, v.ProviderReference, v.ProviderURL = fields[4], fields[5], fields[6]
	v.SkipReason, v.ErrorCode = fields[7], fields[8]
	v.LastSyncAt = time.UnixMicro(int64(binary.BigEndian.Uint64(fields[9]))).Add(postgresEpoch * time.Second).UTC()
	return row, nil
}

// largestKept is the size beyond which a buffer is not kept for the next read.
const largestKept = 1 << 20

// packPool keeps buffers between reads.
type packPool struct{ idle sync.Pool }

func (p *packPool) take() *packedStates {
	if kept, ok := p.idle.Get().(*packedStates); ok {
		kept.bytes, kept.rows = kept.bytes[:0], kept.rows[:0]
		return kept
	}
	return &packedStates{}
}

func (p *packPool) giveBack(b *packedStates) {
	if cap(b.bytes) <= largestKept {
		p.idle.Put(b)
	}
}
