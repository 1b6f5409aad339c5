# Every target installs what is missing first (scripts/bootstrap.sh); where nothing is, that takes no time.
# ARGS are passed on:  make run ARGS="--listen 127.0.0.1:9000"
BOOTSTRAP := scripts/bootstrap.sh
BINARY = "$${CARGO_TARGET_DIR:-target}/quick/counterfoil"
ARGS ?=
# `make run` and `make drill` build without sinks, which cost minutes:  make run FEATURES=kafka,nats
FEATURES ?=
# Many tests wait, for processes to start and leases to end: more of them run at once than there are few cores.
TEST_THREADS = "$${RUST_TEST_THREADS:-$$(n=$$(nproc); echo $$((n > 3 ? n : 3)))}"

.PHONY: help run test simulate soak check mutants bench drill fmt lint doc docs clean

help: ## this list
	@awk -F ': .*## ' '/^[a-z]+: .*## /{ printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: ## build, and run the engine with a PostgreSQL and participants of its own
	@$(BOOTSTRAP) $(if $(FEATURES),--sinks) cargo build --profile quick --locked --no-default-features --features "$(FEATURES)" --bin counterfoil
	@exec $(BINARY) dev $(ARGS)

test: ## build and run every test
	@RUST_TEST_THREADS=$(TEST_THREADS) $(BOOTSTRAP) --test cargo test --locked --workspace $(ARGS)

simulate: ## simulated orders by the million, each one judged; a failure shrinks to a short trace:  make simulate ORDERS=1000000 SEED=1, or HOURS=8
	@$(BOOTSTRAP) cargo bench --profile simulate --locked --no-default-features --bench simulate

soak: ## the long forms of what tests break, and their figures:  make soak KILLS=50 ROWS=1000000 MINUTES=10
	@$(BOOTSTRAP) --test cargo test --locked --test promises -- soak:: --ignored --nocapture --test-threads=1 $(ARGS)

check: ## the inner loop: compile everything, run the fast tests
	@$(BOOTSTRAP) --sinks cargo check --locked --workspace --all-targets
	@$(BOOTSTRAP) --sinks cargo test --locked --workspace --lib $(ARGS)

mutants: ## change the code, one place at a time, and see a fast test notice:  make mutants ARGS=saga
	@$(BOOTSTRAP) --mutants scripts/mutants.py $(ARGS)

bench: ## measure the engine against the alternatives (a fully optimised build)
	@$(BOOTSTRAP) --test cargo bench --locked --bench versus -- $(ARGS)

drill: ## break it on purpose, and see every promise hold
	@$(BOOTSTRAP) $(if $(FEATURES),--sinks) cargo build --profile quick --locked --no-default-features --features "$(FEATURES)" --bin counterfoil
	@exec $(BINARY) drill $(ARGS)

fmt: ## format the code
	@$(BOOTSTRAP) --lint cargo fmt --all

lint: ## formatting and clippy, changing nothing
	@$(BOOTSTRAP) --lint --sinks scripts/lint.sh

doc: ## the library's documentation, warnings refused
	@RUSTDOCFLAGS="-D warnings" $(BOOTSTRAP) --sinks cargo doc --locked --workspace --no-deps

docs: ## the book of docs/src into target/docs; its links and its commands are checked
	@$(BOOTSTRAP) --docs mdbook build docs
	@RUST_TEST_THREADS=$(TEST_THREADS) $(BOOTSTRAP) --sinks cargo test --locked --test promises -- docs:: house::

clean: ## remove what was built
	@cargo clean
