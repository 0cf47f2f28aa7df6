// Package app holds the use cases, one file each, and is the only caller of
// the ports. Every use case takes the principal, and sees and touches nothing
// beyond its tenant.
package app

import (
	"io"
	"log/slog"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/ports"
)

// Deps are what the use cases work with.
type Deps struct {
	Tenants    ports.Tenants
	Stores     ports.Stores
	Bindings   ports.Bindings
	Grants     ports.Grants
	Intake     ports.Intake
	Runs       ports.Runs
	Callbacks  ports.Callbacks
	Queue      ports.Queue
	Shop       ports.Shop
	ShopTokens ports.ShopTokens
	Passwords  ports.Passwords
	Budget     ports.Budget
	// Providers is the registry: one constructor call in cmd adds an entry.
	Providers map[binding.Provider]ports.Provider

	// Now is the clock.
	Now func() time.Time
	// NewID makes an opaque id: the prefix, an underscore and a ULID.
	NewID func(prefix string) string
	// NewUUID makes a random UUID, the form a tenant's id has.
	NewUUID func() string
	// Random is the source of secrets.
	Random io.Reader
	// PublicURL is our own origin as shops and browsers reach it.
	PublicURL string
	Log       *slog.Logger
}

// App is the use cases over one set of ports.
type App struct{ Deps }

// New makes the use cases.
func New(deps Deps) *App { return &App{Deps: deps} }
