# Needs Go, a C compiler, git and make, nothing else. `make help` lists the targets.

GO       ?= go
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X github.com/rightseat/rightseat/internal/cli.Version=$(VERSION)
# The race detector needs cgo, and so does DuckDB.
RACE     := $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)
TIMEOUT  ?= 60m
FUZZTIME ?= 3s
PKGS     ?= ./...

export GOFLAGS += -buildvcs=false

.DEFAULT_GOAL := help
.PHONY: help build demo test vet lint unit fuzz bench golden clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/rightseat
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/rightseat ./cmd/rightseat

demo: build ## build, then run the whole pipeline on a made-up organisation, into demo/
	bin/rightseat demo --dir demo

test: vet lint unit fuzz ## everything CI runs
	@echo 'make test: all passed'

vet: ## go vet
	$(GO) vet $(PKGS)

lint: ## look for lost errors and other bugs (internal/lint)
	$(GO) build -o bin/lint ./internal/lint
	$(GO) vet -vettool=bin/lint $(PKGS)

# The kill test's every point, the whole fault matrix, hostile payloads and troubled nights run without
# the race detector, which gets a share of them or none.
unit: ## go test, with the race detector
	$(GO) test $(RACE) -timeout $(TIMEOUT) $(PKGS)
	$(if $(RACE),$(GO) test -timeout $(TIMEOUT) -run 'TestKill|TestFaults|TestTroubledNights|TestHostilePayloads' ./internal/endtoend)

fuzz: ## run every fuzz target for FUZZTIME (default 3s)
	$(GO) run ./internal/fuzz -time $(FUZZTIME)

bench: ## print the benchmark figures as a table of ratios; BENCH_SCALE=0.02 for a quick look
	$(GO) run ./internal/bench

golden: ## rewrite golden files, in the packages whose tests have an -update flag
	@dirs=$$(grep -rl --include='*_test.go' -E 'flag\.Bool\("update"' . | xargs -r -n1 dirname | sort -u); \
	if [ -z "$$dirs" ]; then echo 'no package has golden files'; else set -x; $(GO) test -count=1 -timeout $(TIMEOUT) $$dirs -update; fi

clean: ## remove what was built and the demo
	rm -rf bin demo coverage.out
