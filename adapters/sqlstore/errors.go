package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/lib/pq"
	driversqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"byte8.io/ledger/domain/fault"
)

// constraint is a rule of uniqueness and what breaking it means. PostgreSQL
// names the constraint; SQLite names its columns.
type constraint struct {
	name    string
	columns string
	code    fault.Code
	message string
}

var constraints = []constraint{
	{"members_email", "members.email", fault.CodeConflict, "This e-mail address is in use."},
	{"api_keys_digest", "api_keys.digest", fault.CodeConflict, "This API key exists already."},
	{"invitations_email", "invitations.tenant_id, invitations.email", fault.CodeConflict, "This person was invited at the same time."},
	{"stores_base_url", "stores.tenant_id, stores.base_url", fault.CodeConflict, "A store with this address exists already."},
	{"stores_code", "stores.tenant_id, stores.code", fault.CodeConflict, "A store with this code exists already."},
	{"store_keys_one_active", "store_keys.store_id", fault.CodeConflict, "Another key of the store became active at the same time."},
	{"bindings_store_provider", "bindings.store_id, bindings.provider", fault.CodeConflict, "The store has a binding with this provider already."},
	{"token_sets_subject", "token_sets.tenant_id, token_sets.provider, token_sets.subject", fault.CodeConflict, "This user's consent was stored at the same time."},
	{"settings_versions_number", "settings_versions.tenant_id, settings_versions.binding_id, settings_versions.number", fault.CodeConflict, "Somebody saved the settings in the meantime."},
	{"used_tokens_jti", "used_tokens.tenant_id, used_tokens.jti", fault.CodeUnauthenticated, "The token was used before."},
	{"sync_runs_one_open_per_key", "sync_runs.binding_id, sync_runs.event_key", fault.CodeConflict, "A run for the same event is under way."},
	{"xrefs_document", "xrefs.tenant_id, xrefs.provider, xrefs.organisation_id, xrefs.kind, xrefs.store_id, xrefs.key", fault.CodeXrefCollision, "The document is linked to another entity in the books."},
	{"xrefs_entity", "xrefs.tenant_id, xrefs.provider, xrefs.organisation_id, xrefs.kind, xrefs.entity_id", fault.CodeXrefCollision, "The entity in the books is linked to another document."},
	{"callbacks_one_pending_per_chip", "callbacks.tenant_id, callbacks.entity_type, callbacks.magento_id, callbacks.store_id, callbacks.provider", fault.CodeConflict, "Another callback for the same document was stored at the same time."},
}

// failed says what was being done and classifies the error; nil stays nil.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %w", doing, classify(err))
}

// orNotFound turns "no such row" into a fault that names the thing looked for.
func orNotFound(err error, thing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Newf(fault.CodeNotFound, "There is no such %s.", thing)
	}
	return err
}

// classify says what a driver's error means. The driver's words stay in the cause.
func classify(err error) *fault.Error {
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.Wrap(fault.CodeNotFound, "There is no such thing.", err)
	case isUnavailable(err):
		return fault.Wrap(fault.CodeDatabase, "The database cannot answer now.", err)
	}
	if f, ok := errors.AsType[*pq.Error](err); ok {
		return classifyPostgres(f, err)
	}
	if f, ok := errors.AsType[*driversqlite.Error](err); ok {
		return classifySQLite(f, err)
	}
	return internal(err)
}

func isUnavailable(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	_, isNet := errors.AsType[net.Error](err)
	return isNet
}

// isRolledBack reports whether the database ended a transaction because of
// another one, as in a deadlock: it may go well when tried again.
func isRolledBack(err error) bool {
	f, ok := errors.AsType[*pq.Error](err)
	return ok && f.Code.Class() == "40"
}

func classifyPostgres(e *pq.Error, err error) *fault.Error {
	switch e.Code {
	case "23505":
		return violated(err, func(c constraint) bool { return c.name == e.Constraint })
	case "23503":
		return missingParent(err)
	case "25006": // read only: a standby after a failover
		return fault.Wrap(fault.CodeDatabase, "The database cannot answer now.", err)
	}
	switch e.Code.Class() {
	// Connection, rollback (serialisation, deadlock), resources, lock and
	// time-outs, intervention by an operator, system.
	case "08", "40", "53", "55", "57", "58":
		return fault.Wrap(fault.CodeDatabase, "The database cannot answer now.", err)
	}
	return internal(err)
}

func classifySQLite(e *driversqlite.Error, err error) *fault.Error {
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		columns := violatedColumns(e.Error())
		return violated(err, func(c constraint) bool { return c.columns == columns })
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return missingParent(err)
	}
	const primaryCode = 0xff
	switch e.Code() & primaryCode {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY:
		return fault.Wrap(fault.CodeDatabase, "The database cannot answer now.", err)
	}
	return internal(err)
}

// violatedColumns reads the columns out of SQLite's message.
func violatedColumns(message string) string {
	_, columns, _ := strings.Cut(message, "UNIQUE constraint failed: ")
	columns, _, _ = strings.Cut(columns, " (")
	return columns
}

func violated(err error, is func(constraint) bool) *fault.Error {
	for _, c := range constraints {
		if is(c) {
			return fault.Wrap(c.code, c.message, err)
		}
	}
	return fault.Wrap(fault.CodeConflict, "It exists already.", err)
}

func missingParent(err error) *fault.Error {
	return fault.Wrap(fault.CodeNotFound, "What this belongs to does not exist.", err)
}

func internal(err error) *fault.Error {
	return fault.Wrap(fault.CodeInternal, "Something went wrong on our side.", err)
}
