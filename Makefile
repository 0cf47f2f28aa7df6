.DEFAULT_GOAL := help
.NOTPARALLEL:

PKG       ?= ./...
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GENERATED := graph/exec graph/model docs/errors.md

# go test has the race detector where there is a C compiler to build it with.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

# The linter is built once for a version of it and a version of Go.
LINTER_MODULE := github.com/golangci/golangci-lint/v2
LINTER         = .tools/golangci-lint-$(shell awk '$$1 == "$(LINTER_MODULE)" { print $$2 }' tools/go.mod)-$(shell go env GOVERSION)

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/ledger
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/ledger ./cmd/ledger

.PHONY: playground
playground: ## build the API explorer that make build puts into the binary (needs npm)
	npm ci --prefix web/playground --no-audit --no-fund
	npm run build --prefix web/playground

.PHONY: demo
demo: build ## run sandboxes and ledger, and put invoices through them (ARGS='--invoices 200')
	bin/ledger demo $(ARGS)

.PHONY: test
test: ## run every test but the fault suite against private PostgreSQL and Redis (PKG=./domain/... for some)
	@[ -n '$(RACE)' ] || echo 'no C compiler found: testing without the race detector' >&2
	scripts/services run -- go test $(RACE) -timeout 15m -skip '^TestFaultSuite' $(PKG)

.PHONY: test-faults
test-faults: ## run the fault suite in its short form, or LONG=1 in the long one (ARGS='-faults.seed=7')
	scripts/services run -- go test ./integration -count=1 -v -parallel 4 -timeout $(if $(LONG),60m -faults.long,10m) -run '^TestFaultSuite' $(ARGS)

.PHONY: bench-backlog
bench-backlog: build ## work off backlogs within Xero's limits and print what it took (ARGS='-only pure')
	scripts/services run -- go run ./bench/backlog $(ARGS)

.PHONY: bench-history
bench-history: ## measure pages of the history on 5,000,000 runs in PostgreSQL (ARGS='-rows 200000')
	scripts/services run -- go run ./bench/history $(ARGS)

.PHONY: bench-chips
bench-chips: ## measure chips beside a handler written by hand (ARGS='-rounds 6')
	scripts/services run -- go run ./bench/chips $(ARGS)

.PHONY: bench-intake
bench-intake: ## measure intake beside a handler written by hand, and pickup (ARGS='-rounds 6')
	scripts/services run -- go run ./bench/intake $(ARGS)

.PHONY: generate
generate: ## write the GraphQL code and docs/errors.md again
	go tool gqlgen generate
	go test ./domain/fault -run TestDocument -update

.PHONY: generated
generated: generate ## fail when what is generated is not what is committed
	@git diff --exit-code -- $(GENERATED)
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)) && \
		if [ -n "$$new" ]; then echo "generated and not added to git: $$new" >&2; exit 1; fi

.PHONY: schema-release
schema-release: ## make today's schema the one that later changes may not break (VERSION=v1.2.3)
	@printf '%s\n' '$(VERSION)' | grep -Exq 'v[0-9]+\.[0-9]+\.[0-9]+' || { echo 'VERSION must be like v1.2.3' >&2; exit 1; }
	{ echo '# Byte8 Ledger $(VERSION)'; cat schema.graphqls; } > docs/schema/released.graphqls

.PHONY: golden
golden: ## accept what mapping does now as the golden cases; review the diff
	go test ./domain/mapping -update

.PHONY: tidied
tidied: ## fail when go.mod or go.sum need tidying
	go mod tidy -diff

.PHONY: fmt
fmt: linter ## format the code
	$(LINTER) fmt

.PHONY: lint
lint: linter ## run the linters
	$(LINTER) run

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: check
check: tidied generated lint vet test test-faults ## those six: run it before every push

.PHONY: migrate
migrate: build ## bring the database of LEDGER_DATABASE_URL (else the embedded one) up to date
	bin/ledger migrate up

.PHONY: clean
clean: ## remove what was built, the demo's data and the test services; the embedded ledger's data stay
	scripts/services stop
	rm -rf bin .tools .ledger/demo

# A recipe rather than a file rule: the name depends on the versions, and $(LINTER) asks for them only when needed.
.PHONY: linter
linter:
	@[ -x $(LINTER) ] || { echo 'building $(LINTER): some minutes, once' && \
		go build -C tools -trimpath -o $(CURDIR)/$(LINTER) $(LINTER_MODULE)/cmd/golangci-lint; }
