# Everything that a person calls. `make help` lists it.

CARGO ?= cargo
PLAYHEAD := target/release/playhead

.PHONY: help run build test check docs bench fuzz browser clean

help: ## Show this list.
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Build what is missing and start the server on 127.0.0.1:8080, data in ./playhead-data.
	@$(PLAYHEAD) serve

build: ## Build the command.
	@$(CARGO) build --release --locked --package playhead

test: ## Run all tests: units, contracts, properties, kill -9, fuzzing for a minute, a real browser.
	@scripts/test

check: ## Format and lints.
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

docs: ## Write the generated docs anew.
	@PLAYHEAD_BLESS=1 $(CARGO) test --locked --quiet --package playhead-protocol --package playhead-session --test reference

bench: ## Measure the ingest path beside its references (about three minutes).
	@$(CARGO) build --release --locked --package playhead-bench
	@target/release/playhead-bench

fuzz: ## Fuzz the request parser and the journal reader for an hour.
	@FUZZ_SECONDS=3600 scripts/fuzz

browser: ## Run the scripted player in Chromium only.
	@scripts/browser

clean: ## Remove what was built.
	@$(CARGO) clean
