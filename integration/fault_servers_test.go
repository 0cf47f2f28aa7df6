package integration_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// privateRedis is a Redis of one test, which it may empty, kill and start.
type privateRedis struct {
	url, port string
	cmd       *exec.Cmd
}

func newPrivateRedis(t *testing.T) *privateRedis {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	r := &privateRedis{url: "redis://127.0.0.1:" + port + "/0", port: port}
	r.start(t)
	t.Cleanup(r.kill)
	return r
}

// start starts an empty Redis and waits until it answers.
func (r *privateRedis) start(t *testing.T) {
	t.Helper()
	r.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), "redis-server", "--bind", "127.0.0.1", "--port", r.port,
		"--dir", t.TempDir(), "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--daemonize", "no")
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	client := r.client(t)
	defer client.Close()
	eventually(t, 10*time.Second, "Redis answers", func() bool { return client.Ping(t.Context()).Err() == nil })
}

func (r *privateRedis) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

func (r *privateRedis) client(t *testing.T) *goredis.Client {
	t.Helper()
	options, err := goredis.ParseURL(r.url)
	if err != nil {
		t.Fatal(err)
	}
	return goredis.NewClient(options)
}

func (r *privateRedis) empty(t *testing.T) {
	t.Helper()
	client := r.client(t)
	defer client.Close()
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}

// privatePostgres is a PostgreSQL of one test, with its default durability.
type privatePostgres struct {
	url, data, bin string
	as             *syscall.SysProcAttr
}

// newPrivatePostgres starts a PostgreSQL. A small one has a disk of its own, of
// that many megabytes.
func newPrivatePostgres(t *testing.T, megabytes int) *privatePostgres {
	t.Helper()
	bin := os.Getenv("TEST_POSTGRES_BIN")
	if bin == "" {
		t.Fatal("TEST_POSTGRES_BIN is not set; run `make test-faults`")
	}
	// The server's own user must reach the folder, and a test's own is closed to it.
	dir, err := os.MkdirTemp("", "ledger-faults-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if megabytes > 0 {
		mountDisk(t, dir, megabytes)
	}
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	p := &privatePostgres{url: "postgres://ledger@127.0.0.1:" + port + "/postgres?sslmode=disable", data: filepath.Join(dir, "data"), bin: bin}
	if os.Geteuid() == 0 {
		p.as = unprivileged(t, dir)
	}
	p.run(t, "initdb", "-D", p.data, "-U", "ledger", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1")
	conf := fmt.Sprintf("listen_addresses = '127.0.0.1'\nport = %s\nunix_socket_directories = '%s'\nmax_connections = 100\nmin_wal_size = 2MB\nmax_wal_size = 16MB\n", port, dir)
	file, err := os.OpenFile(filepath.Join(p.data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(conf); err != nil {
		t.Fatal(err)
	}
	p.start(t)
	t.Cleanup(func() { p.stop(t) })
	return p
}

// mountDisk puts a file system of its own under a folder, which a user who is
// not root may not.
func mountDisk(t *testing.T, dir string, megabytes int) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a disk of its own needs root")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Fatalf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmounting the small disk: %v", err)
		}
	})
}

func (p *privatePostgres) start(t *testing.T) {
	t.Helper()
	p.run(t, "pg_ctl", "start", "-w", "-D", p.data, "-l", filepath.Join(filepath.Dir(p.data), "log"))
}

func (p *privatePostgres) stop(t *testing.T) {
	t.Helper()
	p.run(t, "pg_ctl", "stop", "-m", "immediate", "-D", p.data)
}

// restart ends PostgreSQL as a crash would, and starts it again.
func (p *privatePostgres) restart(t *testing.T) {
	t.Helper()
	p.run(t, "pg_ctl", "restart", "-w", "-m", "immediate", "-D", p.data, "-l", filepath.Join(filepath.Dir(p.data), "log"))
}

// isUp reports whether the server takes connections.
func (p *privatePostgres) isUp() bool {
	return exec.Command(filepath.Join(p.bin, "pg_isready"), "-q", "-d", p.url).Run() == nil
}

// backUp copies the database as it is, under the server's own feet.
func (p *privatePostgres) backUp(t *testing.T) (copied string) {
	t.Helper()
	copied = filepath.Join(filepath.Dir(p.data), "backup")
	p.run(t, "pg_basebackup", "-D", copied, "-d", p.url, "--checkpoint=fast", "--wal-method=stream", "--no-sync")
	return copied
}

// restore puts a copy in the place of the database.
func (p *privatePostgres) restore(t *testing.T, copied string) {
	t.Helper()
	p.stop(t)
	if err := os.RemoveAll(p.data); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(copied, p.data); err != nil {
		t.Fatal(err)
	}
	p.start(t)
}

// run runs one of PostgreSQL's programs to its end. What it starts keeps running,
// so its output goes to a file and not to a pipe.
func (p *privatePostgres) run(t *testing.T, program string, args ...string) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), program+".out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(p.bin, program), args...)
	cmd.SysProcAttr, cmd.Dir, cmd.Stdout, cmd.Stderr = p.as, filepath.Dir(p.data), out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		t.Fatalf("%s: %v\n%s", program, err, said)
	}
}

// unprivileged is a user PostgreSQL may run as, who is given the folder.
func unprivileged(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	owner, err := user.Lookup("postgres")
	if err != nil {
		owner, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
