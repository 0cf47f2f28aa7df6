package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/adapters/asynq"
	"byte8.io/ledger/adapters/sqlstore"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// finding is the result of one check.
type finding struct {
	Check string `json:"check"`
	// State is ok, warning or wrong.
	State  string `json:"state"`
	Detail string `json:"detail"`
}

const (
	stateOK      = "ok"
	stateWarning = "warning"
	stateWrong   = "wrong"
	// doctorCallTime bounds one look at a remote.
	doctorCallTime = 5 * time.Second
)

// Run checks everything it can without changing anything, and fails when
// something is wrong.
func (c doctorCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	findings := checkDatabase(ctx, cfg)
	findings = append(findings, checkKeys(ctx, cfg))
	findings = append(findings, checkWork(ctx, cfg)...)
	findings = append(findings, checkRedis(ctx, cfg), checkMail(ctx, cfg))
	if cfg.isEmbedded() {
		findings = append(findings, checkDisk(cfg))
	}
	findings = append(findings, checkPublicURL(cfg), checkXeroApp(cfg), checkReachable(ctx, "Xero identity", cfg.XeroIdentityURL), checkReachable(ctx, "Xero API", cfg.XeroAPIURL))

	isWell := true
	for _, f := range findings {
		isWell = isWell && f.State != stateWrong
	}
	if c.JSON {
		if err := printJSON(s.out, findings); err != nil {
			return err
		}
	} else {
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		for _, f := range findings {
			fmt.Fprintf(table, "%s\t%s\t%s\n", f.State, f.Check, f.Detail)
		}
		if err := table.Flush(); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
	}
	if !isWell {
		return errReported
	}
	return nil
}

// checkKeys tries the keys on what the database holds. It makes no key.
func checkKeys(ctx context.Context, cfg *Config) finding {
	const check = "master keys"
	if _, err := os.Stat(cfg.keyFile()); cfg.MasterKeys == "" && errors.Is(err, fs.ErrNotExist) {
		return finding{check, stateWarning, cfg.keyFile() + " is not there; a first start makes it"}
	}
	ring, err := loadVault(cfg, false)
	if err != nil {
		return finding{check, stateWrong, err.Error()}
	}
	err = withDatabase(ctx, cfg, func(db *sqlstore.DB) error {
		sealed, place, found, err := db.Sealed(ctx)
		if err != nil || !found {
			return nil //nolint:nilerr // the database has a check of its own
		}
		_, err = ring.Open(sealed, place)
		return err
	})
	if err != nil {
		return finding{check, stateWrong, cfg.keySource() + ": none of these keys opens the secrets in the database"}
	}
	return finding{check, stateOK, cfg.keySource() + "; keep a copy: sealed secrets open with nothing else"}
}

func checkDatabase(ctx context.Context, cfg *Config) []finding {
	const check = "database"
	var out []finding
	err := withDatabase(ctx, cfg, func(db *sqlstore.DB) error {
		kind := "PostgreSQL"
		if cfg.isEmbedded() {
			kind = "SQLite in " + cfg.DataDir
		}
		out = append(out, finding{check, stateOK, kind})
		steps, err := db.MigrationStatus(ctx)
		if err != nil {
			return err
		}
		waiting := 0
		for _, m := range steps {
			if m.AppliedAt == nil {
				waiting++
			}
		}
		switch {
		case waiting > 0 && cfg.isEmbedded():
			out = append(out, finding{"tables", stateOK, fmt.Sprintf("%d steps to come; serve applies them", waiting)})
		case waiting > 0:
			out = append(out, finding{"tables", stateWrong, fmt.Sprintf("%d steps to come; run ledger migrate up", waiting)})
		default:
			out = append(out, finding{"tables", stateOK, "up to date"})
		}
		return nil
	})
	if err != nil {
		out = append(out, finding{check, stateWrong, describe(err)})
	}
	return out
}

func checkRedis(ctx context.Context, cfg *Config) finding {
	const check = "queue"
	if cfg.RedisURL == "" {
		return finding{check, stateOK, "in process"}
	}
	client, err := asynq.Open(cfg.RedisURL)
	if err != nil {
		return finding{check, stateWrong, "LEDGER_REDIS_URL: " + err.Error()}
	}
	defer client.Close()
	if err := client.Ping(ctx).Err(); err != nil {
		return finding{check, stateWrong, "LEDGER_REDIS_URL: Redis does not answer: " + err.Error()}
	}
	if warning := asynq.MemoryPolicyWarning(ctx, client); warning != "" {
		return finding{check, stateWarning, warning}
	}
	return finding{check, stateOK, "Redis answers"}
}

func checkPublicURL(cfg *Config) finding {
	const check = "public address"
	u, err := url.Parse(cfg.PublicURL)
	switch {
	case err != nil:
		return finding{check, stateWrong, "LEDGER_PUBLIC_URL cannot be read"}
	case u.Scheme == "https" || u.Hostname() == "localhost":
		return finding{check, stateOK, cfg.PublicURL}
	}
	return finding{check, stateWarning, cfg.PublicURL + ": Xero accepts https:// and http://localhost only"}
}

func checkXeroApp(cfg *Config) finding {
	const check = "Xero app"
	if cfg.XeroClientID == "" {
		return finding{check, stateWarning, "LEDGER_XERO_CLIENT_ID is not set: nobody can connect Xero yet"}
	}
	if cfg.XeroClientSecret == "" {
		return finding{check, stateWarning, "LEDGER_XERO_CLIENT_SECRET is not set: only an app without a secret works so"}
	}
	return finding{check, stateOK, "redirect URI " + cfg.PublicURL + "/oauth/xero/callback"}
}

// checkReachable reports whether anything answers at an address.
func checkReachable(ctx context.Context, check, address string) finding {
	ctx, cancel := context.WithTimeout(ctx, doctorCallTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return finding{check, stateWrong, err.Error()}
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner
		}
		return finding{check, stateWarning, address + " does not answer: " + err.Error()}
	}
	defer res.Body.Close()
	return finding{check, stateOK, address + " answers"}
}
