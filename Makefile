# One target per thing people do. `make demo` and `make test` need nothing but Go.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  = -s -w -X main.version=$(VERSION)
FUZZTIME ?= 10s
CLIENTS_DIR ?= .clients

.PHONY: build demo test race lint fuzz bench bench-scale bench-peer soak clients examples pictures release licences

build: ## the binary, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/readiness ./cmd/readiness

demo: build ## scan the embedded simulated instance and leave readiness-demo/
	bin/readiness demo --out readiness-demo

test: ## every test; fewer than two minutes on two cores
	$(GO) test -timeout 30m ./...

race: ## the tests under the race detector, but for those that repeat what others run at the same time
	$(GO) test -race -short -timeout 30m ./...

lint: ## formatting, vet, staticcheck
	@unformatted=$$(gofmt -l cmd scan checks report); \
	  if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

fuzz: ## every fuzz target, FUZZTIME each
	@$(GO) list -f '{{.ImportPath}} {{.Dir}}' ./... | while read -r package folder; do \
	  for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$folder/*_test.go 2>/dev/null | sed 's/func //'); do \
	    echo "$$package $$target"; \
	    $(GO) test "$$package" -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) || exit 1; \
	  done; \
	done

bench: ## the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

bench-scale: ## what scans of 10,000 and 100,000 projects cost, against the figures of the README
	READINESS_SCALE=10000,100000 $(GO) test ./cmd/readiness -count=1 -timeout 3h -v -run '^TestScale$$'

bench-peer: ## this program and gitlab-evaluate (pip) over the same served instance
	examples/clients/install.sh $(CLIENTS_DIR) gitlab-evaluate
	cd examples/clients && READINESS_PEER=1000,5000 READINESS_CLIENTS=$(abspath $(CLIENTS_DIR)) $(GO) test -count=1 -timeout 3h -v -run '^TestPeer$$'

soak: ## minutes of scans through faults, and of scans that are killed
	READINESS_SOAK=$(or $(READINESS_SOAK),10m) $(GO) test ./scan/snapshot ./scan/gitlab -count=1 -timeout 1h -v -run '^TestSoak'

clients: ## three GitLab clients and a reader of workbooks that others wrote (pip, npm)
	examples/clients/install.sh $(CLIENTS_DIR)
	cd examples/clients && READINESS_CLIENTS=$(abspath $(CLIENTS_DIR)) $(GO) test -count=1 -run TestClients
	READINESS_CLIENTS=$(abspath $(CLIENTS_DIR)) $(GO) test ./cmd/readiness -count=1 -run TestOpenpyxl

examples: build ## renew the outputs under examples/
	$(GO) test ./cmd/readiness -run TestExamples -update

release: ## static binaries for six platforms in dist/, with checksums, SBOM, licences and completions
	GO=$(GO) VERSION=$(VERSION) .ci/release

licences: ## whether the licence of every module in the binary is one that may be there
	GO=$(GO) .ci/licences

pictures: build ## renew the pictures of the README from the demo's real output
	.ci/pictures
