# Everything a person types: `make demo`, `make test`. Each installs or builds what it needs.

SHELL := /bin/bash
BUILD := $(CURDIR)/build
LINT  := $(BUILD)/lint
export CGO_ENABLED ?= 0
export GOFLAGS ?= -buildvcs=false

.PHONY: packages bench bench-check bench-fleet bench-binaries demo-binaries build demo test race lint scale fuzz docs screenshots histories released clean

build: ## the worker and the starter, static binaries
	go build -trimpath -o $(BUILD)/ ./worker ./starter

demo: demo-binaries ## the main job on embedded defaults; EXIT=1 exits at the end
	$(BUILD)/demo -binaries $(BUILD) -home $(BUILD)/demo-home $(if $(EXIT),-exit)

test: $(BUILD)/temporal packages ## every test, on real parts
	ROLLCALL_TEST_TEMPORAL=$(BUILD)/temporal go test -timeout 20m ./...
	ROLLCALL_TEST_TEMPORAL=$(BUILD)/temporal go test -C bench -timeout 20m ./...

race: $(BUILD)/temporal packages ## every test with the race detector (needs a C compiler)
	@command -v gcc >/dev/null || tools/install gcc libc6-dev
	CGO_ENABLED=1 ROLLCALL_TEST_TEMPORAL=$(BUILD)/temporal go test -race -short -timeout 30m \
		$$(go list ./... | grep -v /internal/acceptance) # it drives binaries of its own, as the bench itself does
	CGO_ENABLED=1 go test -C bench -race -short -timeout 30m ./floor ./people ./results

lint: $(LINT)/golangci-lint ## style, import directions, determinism, known vulnerabilities
	$(LINT)/golangci-lint run ./...
	cd bench && $(LINT)/golangci-lint run ./...
	$(LINT)/workflowcheck -config .workflowcheck.yaml ./workflows/...
	tools/vulnerabilities $(LINT)/govulncheck

# The bench measures everything, or one size (N=1000000), one database (DATABASE=postgres), one scenario
# (SCENARIO=memberships). RUNS=3 takes the median of three runs. Only a complete run is stored, drawn and put into
# docs/performance.md.
PART := $(if $(N),-n $(N)) $(if $(DATABASE),-database $(DATABASE)) $(if $(SCENARIO),-scenario '$(SCENARIO)')
WHOLE := $(if $(strip $(PART)),,yes)
BENCH := ROLLCALL_TEST_TEMPORAL=$(BUILD)/temporal go run -C bench . -binaries $(BUILD)

bench: bench-binaries ## Rollcall beside the floor and a script; N=, DATABASE=, SCENARIO=, RUNS= measure less
	$(BENCH) $(PART) $(if $(RUNS),-runs $(RUNS)) $(if $(WHOLE),-out results/data -picture ../docs/images/performance.svg,-out $(BUILD)/bench)
	$(if $(WHOLE),go generate -C bench)

bench-check: ## print the targets and check the newest results; RESULTS= names others
	go run -C bench . check $(abspath $(or $(RESULTS),bench/results/data))

bench-fleet: bench-binaries ## a thousand tenants on 1, 2 and 4 workers
	$(BENCH) -out results/data -fleet

bench-binaries: build $(BUILD)/temporal packages
	go build -C bench -trimpath -o $(BUILD)/ ./floor

scale: $(BUILD)/temporal ## 100,000 people through a worker: prints times, memory, history; N=1000000 for more
	ROLLCALL_TEST_TEMPORAL=$(BUILD)/temporal ROLLCALL_SCALE=$(or $(N),100000) \
		go test -count=1 -v -timeout 60m -run TestALargeTenant ./internal/acceptance

fuzz: ## run each fuzz target for half a minute
	tools/fuzz 30s

docs: ## the documents that are generated
	go generate ./...
	go generate -C bench

screenshots: demo-binaries ## the pictures in docs/images (installs Chromium)
	tools/screenshots

histories: $(BUILD)/temporal ## record the histories that the replay tests keep, from released code only
	ROLLCALL_TEST_TEMPORAL=$(BUILD)/temporal ROLLCALL_RECORD_HISTORIES=1 go test -run Record ./workflows/...

released: $(BUILD)/temporal packages ## record what this release keeps, from released code only: RELEASE=name
	ROLLCALL_TEST_TEMPORAL=$(BUILD)/temporal ROLLCALL_RECORD_RELEASED=$(or $(RELEASE),$(error RELEASE= names the release)) \
		go test -count=1 -run AndFinishedByThisCode ./internal/acceptance

demo-binaries: build $(BUILD)/temporal
	go build -trimpath -o $(BUILD)/ ./internal/simulator/cmd/simulator ./internal/demo

packages: # Debian packages for tests and bench, unless installed
	@[ -n "$$ROLLCALL_TEST_POSTGRES" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || tools/install postgresql
	@{ command -v curl && command -v jq; } >/dev/null || tools/install curl jq

$(BUILD)/temporal: tools/temporal/go.mod tools/temporal/go.sum
	tools/build-temporal $@

$(LINT)/golangci-lint: tools/lint/go.mod tools/lint/go.sum
	mkdir -p $(LINT)
	go build -C tools/lint -o $(LINT)/ github.com/golangci/golangci-lint/v2/cmd/golangci-lint \
		golang.org/x/vuln/cmd/govulncheck go.temporal.io/sdk/contrib/tools/workflowcheck
	touch $@

clean:
	rm -rf $(BUILD)
