# Everything that a person calls. `make help` lists it.

CARGO ?= cargo
CARGO_TARGET_DIR ?= target
PLAYHEAD := $(CARGO_TARGET_DIR)/release/playhead

.PHONY: help run build test check docs bench bench-hour bench-reports fuzz soak interop clients browser dashboard screenshots clean

help: ## Show this list.
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Build what is missing and start the server on 127.0.0.1:8080, data in ./playhead-data.
	@$(PLAYHEAD) serve

build: ## Build the command, with the dashboard in it.
	@scripts/build-dashboard
	@$(CARGO) build --release --locked --package playhead

test: ## Run all tests: units, contracts, properties, kill -9, fuzzing for a minute, other engines, real clients, a real browser.
	@scripts/test

check: ## Format and lints.
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

docs: ## Write the generated docs anew.
	@PLAYHEAD_BLESS=1 $(CARGO) test --locked --quiet --package playhead-protocol --package playhead-session --test reference
	@PLAYHEAD_BLESS=1 $(CARGO) test --locked --quiet --package playhead-lake --package playhead-report --package playhead-server \
		--test all reference::

bench: ## Measure collection beside its references (about 15 minutes; BENCH=--short for a few, BENCH=--long with a million sessions).
	@scripts/bench $(BENCH)

bench-hour: ## Measure an hour at a sustained rate, and say what grows (DURATION in seconds, RATE in events a second).
	@scripts/bench hour --duration $(or $(DURATION),3600) --rate $(or $(RATE),10000) $(BENCH)

bench-reports: ## Time reports beside DuckDB over 10 million generated sessions.
	@scripts/bench-reports

fuzz: ## Fuzz the request parser and the journal reader for an hour.
	@FUZZ_SECONDS=3600 scripts/fuzz

soak: ## Hostile queries, random histories and power cuts, at length (about an hour; power cuts as root).
	@scripts/soak

interop: ## Read the tables with DuckDB and chDB, on disk and on S3, only.
	@scripts/interop

clients: ## Drive the PostgreSQL port with psql, drivers, postgres_fdw and what BI tools send, only.
	@scripts/clients

dashboard: ## Drive the dashboard in Chromium only.
	@scripts/dashboard

screenshots: ## Take pictures of every page of the dashboard, into screenshots/.
	@scripts/dashboard --screenshots screenshots

browser: ## Run the scripted player in Chromium only.
	@scripts/browser

clean: ## Remove what was built.
	@$(CARGO) clean
