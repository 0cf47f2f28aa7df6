package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/hibiken/asynq"
	"github.com/jmoiron/sqlx"
	"github.com/oklog/ulid/v2"
	goredis "github.com/redis/go-redis/v9"
)

// floor is what one would write by hand to take events in for one shop: the
// token checked with a key held in memory, one durable statement that burns the
// token and stores the event with its run, and a task for a worker.
type floor struct {
	key                    []byte
	tenant, store, binding string
	insert                 *sqlx.Stmt
	tasks                  *asynq.Client
}

const floorInsert = `WITH burnt AS (
	INSERT INTO used_tokens (tenant_id, jti, remember_until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING jti
), stored AS (
	INSERT INTO events (id, tenant_id, store_id, name, idempotency_key, body, ignored, is_lone, received_at)
	SELECT $4, $1, $5, $6, $7, $8, false, false, $9 FROM burnt
)
INSERT INTO sync_runs (id, tenant_id, binding_id, store_id, provider, event_id, event_key, event, entity_type, magento_id, increment_id,
	status, settings_version, next_attempt_at, created_at)
SELECT $10, $1, $11, $5, 'xero', $4, $7, $6, 'invoice', $12, $13, 'queued', 1, $9, $9 FROM burnt`

// serveFloor serves until the process is told to end.
func serveFloor(ctx context.Context) error {
	debug.SetGCPercent(gcPercent)
	db, err := sqlx.ConnectContext(ctx, "postgres", os.Getenv("LEDGER_DATABASE_URL")+"&enable_seqscan=off&jit=off&timezone=UTC")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	insert, err := db.PreparexContext(ctx, floorInsert)
	if err != nil {
		return err
	}
	options, err := goredis.ParseURL(os.Getenv("LEDGER_REDIS_URL"))
	if err != nil {
		return err
	}
	client := goredis.NewClient(options)
	m, err := newMinter(os.Getenv("FLOOR_TENANT"), os.Getenv("FLOOR_STORE_KEY"))
	if err != nil {
		return err
	}
	f := &floor{key: m.key, tenant: m.tenant, store: os.Getenv("FLOOR_STORE"), binding: os.Getenv("FLOOR_BINDING"), insert: insert, tasks: asynq.NewClientFromRedisClient(client)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /webhooks/magento/{tenant}/{event}", f.take)
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", os.Getenv("FLOOR_LISTEN"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

func (f *floor) take(w http.ResponseWriter, r *http.Request) {
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), &claims, func(*jwt.Token) (any, error) { return f.key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer("magento"), jwt.WithAudience("byte8-ledger"), jwt.WithSubject(f.tenant), jwt.WithIssuedAt(), jwt.WithLeeway(30*time.Second))
	if err != nil || r.PathValue("tenant") != f.tenant {
		http.Error(w, "token", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	var document struct {
		EntityID int64 `json:"magento_entity_id"`
		Payload  struct {
			IncrementID string `json:"increment_id"`
		} `json:"payload"`
	}
	if err = errors.Join(err, json.Unmarshal(body, &document)); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	now, run := time.Now(), "run_"+ulid.Make().String()
	result, err := f.insert.ExecContext(r.Context(), f.tenant, claims.ID, claims.ExpiresAt.Add(30*time.Second), "evt_"+ulid.Make().String(), f.store, r.PathValue("event"),
		r.Header.Get("Idempotency-Key"), body, now, run, f.binding, document.EntityID, document.Payload.IncrementID)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		http.Error(w, "used", http.StatusUnauthorized)
		return
	}
	if _, err := f.tasks.EnqueueContext(r.Context(), asynq.NewTask("floor", []byte(f.binding), asynq.Queue("floor"), asynq.MaxRetry(0))); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write([]byte(`{"sync_run_id":"` + run + `"}`))
}
