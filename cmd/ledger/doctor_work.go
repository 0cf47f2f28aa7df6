package main

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"byte8.io/ledger/adapters/smtp"
	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/domain/syncrun"
)

const (
	// clockGap is how far this machine's clock may be from the database's, which
	// is the one that counts.
	clockGap = 2 * time.Second
	// lateWork and stuckWork are ages of the oldest unfinished run.
	lateWork, stuckWork = 15 * time.Minute, 24 * time.Hour
	// oldConsent is when an unused consent is near its end. Source: Xero, a
	// refresh token lives 60 days.
	oldConsent = 50 * day
	// lowDisk and fullDisk are free bytes of the data directory.
	lowDisk, fullDisk = 1 << 30, 100 << 20
)

// checkWork looks at what the database says of the work: its clock, its
// connections, what waits, and consents near their end.
func checkWork(ctx context.Context, cfg *Config) []finding {
	var out []finding
	err := withDatabase(ctx, cfg, func(db *sqlstore.DB) error {
		now, err := db.Clock(ctx, clock)
		if err != nil {
			return err
		}
		out = append(out, checkClock(now.Now().Sub(clock())), checkPool(ctx, db))
		if tables, err := db.MigrationStatus(ctx); err != nil || len(tables) == 0 || tables[len(tables)-1].AppliedAt == nil {
			return err
		}
		out = append(out, checkBacklog(ctx, db, now.Now())...)
		return nil
	})
	if err != nil {
		out = append(out, finding{"work", stateWrong, describe(err)})
	}
	return out
}

func checkClock(ahead time.Duration) finding {
	const check = "clock"
	if ahead.Abs() > clockGap {
		return finding{check, stateWarning, fmt.Sprintf("the database's clock differs from this machine's by %s; set one of them", ahead.Round(time.Millisecond))}
	}
	return finding{check, stateOK, fmt.Sprintf("%s from the database's", ahead.Abs().Round(time.Millisecond))}
}

func checkPool(ctx context.Context, db *sqlstore.DB) finding {
	const check = "connections"
	own := db.Connections().MaxOpenConnections
	limit, used, err := db.ServerConnections(ctx)
	switch {
	case err != nil:
		return finding{check, stateWarning, describe(err)}
	case limit > 0 && used+own > limit:
		return finding{check, stateWarning, fmt.Sprintf("a process opens up to %d; the server takes %d, of which %d are in use", own, limit, used)}
	case limit > 0:
		return finding{check, stateOK, fmt.Sprintf("up to %d a process; the server takes %d, of which %d are in use", own, limit, used)}
	}
	return finding{check, stateOK, fmt.Sprintf("up to %d", own)}
}

func checkBacklog(ctx context.Context, db *sqlstore.DB, now time.Time) []finding {
	const limit = 100_000
	backlog := sqlstore.NewBacklog(db)
	waiting, err := backlog.ReadBacklog(ctx, limit)
	if err != nil {
		return []finding{{"oldest work", stateWrong, describe(err)}}
	}
	oldest := finding{"oldest work", stateOK, "nothing waits"}
	if waiting.OldestRun != nil {
		age := now.Sub(*waiting.OldestRun).Round(time.Second)
		oldest.Detail = fmt.Sprintf("a run is %s old", age)
		switch {
		case age > stuckWork:
			oldest.State = stateWrong
		case age > lateWork:
			oldest.State = stateWarning
		}
	}
	dead := finding{"dead letters", stateOK, "none"}
	held := 0
	for _, r := range waiting.Runs {
		if r.Status == syncrun.StatusHeld {
			held += r.Count
		}
	}
	if waiting.DeadCallbacks+held > 0 {
		dead = finding{"dead letters", stateWarning, fmt.Sprintf("%d runs are held for a person, and %d chips could not be told to their shops; see ledger outbox", held, waiting.DeadCallbacks)}
	}
	consents := finding{"consents", stateOK, "none is near its end"}
	switch n, err := backlog.CountUnusedConsents(ctx, now.Add(-oldConsent)); {
	case err != nil:
		consents = finding{"consents", stateWrong, describe(err)}
	case n > 0:
		consents = finding{"consents", stateWarning, fmt.Sprintf("%d were not used for 50 days and end after 60; their merchants have to consent again then", n)}
	}
	return []finding{oldest, dead, consents}
}

func checkMail(ctx context.Context, cfg *Config) finding {
	const check = "mail"
	if cfg.SMTPURL == "" {
		return finding{check, stateWarning, "LEDGER_SMTP_URL is not set: one-time links are printed in the log"}
	}
	server, err := smtp.New(cfg.SMTPURL, clock)
	if err != nil {
		return finding{check, stateWrong, "LEDGER_SMTP_URL: " + err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, doctorCallTime)
	defer cancel()
	if err := server.Check(ctx); err != nil {
		return finding{check, stateWrong, "LEDGER_SMTP_URL: " + err.Error()}
	}
	return finding{check, stateOK, "the server answers"}
}

// checkDisk looks at the space left where an embedded database is.
func checkDisk(cfg *Config) finding {
	const check = "disk"
	var disk syscall.Statfs_t
	if err := syscall.Statfs(cfg.DataDir, &disk); err != nil {
		return finding{check, stateWarning, cfg.DataDir + ": " + err.Error()}
	}
	return diskFinding(cfg.DataDir, disk.Bavail*uint64(disk.Bsize))
}

func diskFinding(dir string, free uint64) finding {
	f := finding{"disk", stateOK, fmt.Sprintf("%s has %d MB left", dir, free>>20)} //nolint:mnd // bytes in a MB
	switch {
	case free < fullDisk:
		f.State = stateWrong
	case free < lowDisk:
		f.State = stateWarning
	}
	return f
}
