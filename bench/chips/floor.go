package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// floor is what one would write by hand for this question and no other:
// net/http, sqlx with a struct for a row, JSON appended to a buffer. It checks
// the API key like the ledger does, with a memory of ten seconds.
type floor struct {
	db   *sqlx.DB
	stmt *sqlx.Stmt

	mu    sync.Mutex
	known map[string]knownKey
}

type knownKey struct {
	tenant string
	until  time.Time
}

type floorRow struct {
	MagentoID         int64     `db:"magento_id"`
	StoreID           string    `db:"store_id"`
	Provider          string    `db:"provider"`
	Status            string    `db:"status"`
	ProviderEntityID  string    `db:"provider_entity_id"`
	ProviderReference string    `db:"provider_reference"`
	ProviderURL       string    `db:"provider_url"`
	ErrorCode         string    `db:"error_code"`
	LastSyncAt        time.Time `db:"last_sync_at"`
}

func openFloor(ctx context.Context, databaseURL string) (*floor, error) {
	db, err := sqlx.ConnectContext(ctx, "postgres", databaseURL+"&enable_seqscan=off&jit=off&timezone=UTC")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	stmt, err := db.PreparexContext(ctx, `SELECT magento_id, store_id, provider, status, provider_entity_id, provider_reference, provider_url, error_code, last_sync_at
		FROM sync_states WHERE tenant_id = $1 AND entity_type = $2 AND magento_id = ANY($3)`)
	return &floor{db: db, stmt: stmt, known: map[string]knownKey{}}, err
}

// serveFloor serves until the process is told to end.
func serveFloor(ctx context.Context) error {
	debug.SetGCPercent(gcPercent)
	f, err := openFloor(ctx, os.Getenv("LEDGER_DATABASE_URL"))
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", os.Getenv("FLOOR_LISTEN"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: f.routes(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

func (f *floor) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /graphql", f.chips)
	return mux
}

func (f *floor) chips(w http.ResponseWriter, r *http.Request) {
	tenant, err := f.authenticate(r.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var question struct {
		Variables struct {
			IDs []int64 `json:"ids"`
		} `json:"variables"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&question); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rows := make([]floorRow, 0, len(question.Variables.IDs))
	if err := f.stmt.SelectContext(r.Context(), &rows, tenant, "invoice", pq.Array(question.Variables.IDs)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	slices.SortFunc(rows, func(a, b floorRow) int { return int(a.MagentoID - b.MagentoID) })
	body := make([]byte, 0, 300*len(rows)+200)
	body = append(body, `{"data":{"syncStates":[`...)
	for i := range rows {
		if i > 0 {
			body = append(body, ',')
		}
		body = rows[i].appendTo(body)
	}
	body = append(body, `]}}`...)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func (r *floorRow) appendTo(out []byte) []byte {
	out = strconv.AppendInt(append(out, `{"magentoId":`...), r.MagentoID, 10)
	out = append(append(append(out, `,"provider":"`...), strings.ToUpper(r.Provider)...), '"')
	out = append(append(append(out, `,"status":"`...), strings.ToUpper(r.Status)...), '"')
	out = appendText(append(out, `,"providerEntityId":`...), r.ProviderEntityID)
	out = appendText(append(out, `,"providerUrl":`...), r.ProviderURL)
	out = appendText(append(out, `,"providerReference":`...), r.ProviderReference)
	out = appendText(append(out, `,"errorCode":`...), r.ErrorCode)
	out = r.LastSyncAt.UTC().AppendFormat(append(out, `,"lastSyncAt":"`...), time.RFC3339Nano)
	return append(out, `"}`...)
}

func appendText(out []byte, text string) []byte {
	if text == "" {
		return append(out, "null"...)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r == '"' || r == '\\' }) {
		var quoted bytes.Buffer
		encoder := json.NewEncoder(&quoted)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(text); err != nil {
			return append(out, "null"...)
		}
		return append(out, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
	}
	return append(append(append(out, '"'), text...), '"')
}

func (f *floor) authenticate(ctx context.Context, secret string) (string, error) {
	sum := sha256.Sum256([]byte(secret))
	digest := hex.EncodeToString(sum[:])
	now := time.Now()
	f.mu.Lock()
	known, ok := f.known[digest]
	f.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.tenant, nil
	}
	var tenant string
	err := f.db.GetContext(ctx, &tenant, `SELECT tenant_id FROM api_keys WHERE digest = $1 AND revoked_at IS NULL`, digest)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[digest] = knownKey{tenant, now.Add(10 * time.Second)}
	return tenant, nil
}
