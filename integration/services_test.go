package integration_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver of the tests' own databases
	goredis "github.com/redis/go-redis/v9"
)

// backend is where a ledger keeps its data and its queue.
type backend struct {
	name        string
	databaseURL string
	redisURL    string
}

const howToServe = "TEST_DATABASE_URL and TEST_REDIS_URL are not set: `make test` starts PostgreSQL and Redis for all tests, `scripts/services run -- go test ./integration` for these"

// hasServices reports whether the test servers are named. A missing one fails
// the test where REQUIRE_SERVICES is set, as scripts/services does, and on any
// CI, so that a green run there has used them.
func hasServices(t *testing.T) bool {
	t.Helper()
	if os.Getenv("TEST_DATABASE_URL") != "" && os.Getenv("TEST_REDIS_URL") != "" {
		return true
	}
	if os.Getenv("REQUIRE_SERVICES") != "" || os.Getenv("CI") != "" {
		t.Fatal(howToServe)
	}
	return false
}

// services says where the test servers are. A test that works with nothing else
// is left out on a machine without them.
func services(t *testing.T) (databaseURL, redisURL string) {
	t.Helper()
	if !hasServices(t) {
		t.Skip(howToServe)
	}
	return os.Getenv("TEST_DATABASE_URL"), os.Getenv("TEST_REDIS_URL")
}

// servers is a fresh database in the test PostgreSQL and an emptied database of
// the test Redis.
func servers(t *testing.T) backend {
	t.Helper()
	adminURL, redisURL := services(t)
	admin, err := sqlx.ConnectContext(t.Context(), "postgres", adminURL)
	if err != nil {
		t.Fatal(err)
	}
	name := "integration_" + randomHex(t, 6)
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(adminURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return backend{name: "PostgreSQL and Redis", databaseURL: u.String(), redisURL: redisDatabase(t, redisURL)}
}

// redisDatabase takes one of Redis's numbered databases for this test.
func redisDatabase(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = fmt.Sprintf("/%d", <-redisNumbers)
	number := u.Path
	options, err := goredis.ParseURL(u.String())
	if err != nil {
		t.Fatal(err)
	}
	client := goredis.NewClient(options)
	defer client.Close()
	if err := client.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var n int
		if _, err := fmt.Sscanf(number, "/%d", &n); err == nil {
			redisNumbers <- n
		}
	})
	return u.String()
}

// redisNumbers hands out Redis databases 4 to 15; others are other packages'.
var redisNumbers = func() chan int {
	numbers := make(chan int, 12)
	for n := 4; n <= 15; n++ {
		numbers <- n
	}
	return numbers
}()

func randomHex(t *testing.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

func masterKey(t *testing.T) string {
	t.Helper()
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}
