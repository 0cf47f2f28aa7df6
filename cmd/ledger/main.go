// Command ledger is Byte8 Ledger: the server between Magento shops and the
// books, its operator's tools, and a demo that needs nothing else.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // document dates need zones on machines without a zone database

	"github.com/alecthomas/kong"

	"byte8.io/ledger/domain/fault"
)

// version is set when the binary is built.
var version = "dev"

// The exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line.
type commands struct {
	Config

	Serve     serveCommand     `cmd:"" help:"Serve the API and work on documents."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database's tables up to date."`
	Demo      demoCommand      `cmd:"" help:"Start a fake shop, a fake Xero and the ledger, and put invoices through them."`
	Sandbox   sandboxCommand   `cmd:"" help:"Serve the fake shop and the fake Xero."`
	Doctor    doctorCommand    `cmd:"" help:"Check configuration, database, queue and provider, and say what is wrong."`
	Tenants   tenantsCommand   `cmd:"" help:"Make and list tenants."`
	Members   membersCommand   `cmd:"" help:"List members, and let them set new passwords."`
	APIKeys   apiKeysCommand   `cmd:"" name:"api-keys" help:"Make, list, rotate and revoke API keys."`
	Outbox    outboxCommand    `cmd:"" help:"Look after documents that wait for a person."`
	SyncState syncStateCommand `cmd:"" help:"Look after the shops' mirrors of chips."`
	Preview   previewCommand   `cmd:"" help:"Say what would become of documents now, with the exact requests; nothing is written."`
	Jobs      jobsCommand      `cmd:"" help:"Look after retries and backfills in numbers."`
	Webhooks  webhooksCommand  `cmd:"" help:"List webhook endpoints, and receive and verify deliveries to try them."`
	OAuth     oauthCommand     `cmd:"" name:"oauth" help:"Look after consents."`
	Audit     auditCommand     `cmd:"" help:"Check and export the audit log."`
	Schema    schemaCommand    `cmd:"" help:"Print the GraphQL schema."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// streams are where a command writes.
type streams struct {
	out, err io.Writer
}

// run parses and runs one command and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("ledger"), kong.Description("Byte8 Ledger puts Magento's documents into the books, once and to the cent."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{out: stdout, err: stderr}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "ledger:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help printed and asked to leave
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "ledger: %v\nSee ledger --help.\n", err)
		return exitUsage
	}
	if err := cli.complete(); err != nil {
		fmt.Fprintln(stderr, "ledger:", err)
		return exitUsage
	}
	err = parsed.Run(&cli.Config)
	if err == nil {
		return 0
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintln(stderr, "ledger:", describe(err))
	}
	if _, isUsage := errors.AsType[usageError](err); isUsage {
		return exitUsage
	}
	return exitFailed
}

// usageError is wrong usage or configuration found while a command runs.
type usageError struct{ message string }

// Error is one line that names the flag or the variable.
func (e usageError) Error() string { return e.message }

// errReported ends a command as failed without another word.
var errReported = errors.New("already reported")

// describe is what an operator reads of an error: the fault's own sentence where
// it is meant for people, and the whole chain where something does not answer.
func describe(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok && !f.Kind().Hidden() {
		return f.Message
	}
	return err.Error()
}

func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s streams) error {
	if _, err := fmt.Fprintln(s.out, version); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}
