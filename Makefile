# 减证 jianzheng: `make help` lists the targets.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := $(PIP) install --require-hashes --no-build-isolation --requirement

.PHONY: help run install test check slow bench lock clean screenshots

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 22

run: install ## Install, create and seed the database, serve on 127.0.0.1:8000 (PORT=… to change)
	@$(BIN)/jianzheng serve --demo --host $(HOST) --port $(PORT)

install: $(VENV)/ready-run ## Make .venv/bin/jianzheng, the command line

test: $(VENV)/ready-test ## Set up and run everything: form, types, import contracts, all tests
	@./tests/setup-browser
	@./tests/setup-postgresql
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist worksteal tests

check: $(VENV)/ready-test ## The form only: ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy knowledge rules evaluator audit api tests
	$(BIN)/lint-imports

slow: $(VENV)/ready-test ## The tests with many more random examples and full fault matrices
	JIANZHENG_THOROUGH=1 $(BIN)/python -m pytest tests

bench: $(VENV)/ready-test ## Measure beside peers, as ratios, with memory
	$(BIN)/python tests/benchmarks/run.py

screenshots: $(VENV)/ready-test ## Make the pictures of the README again
	@./tests/setup-browser
	JIANZHENG_SCREENSHOTS=1 $(BIN)/python -m pytest tests/web

lock: ## Resolve the newest versions into requirements/*.lock (needs uv)
	uv pip compile -q $(UV) requirements/build.in -o requirements/build.lock
	uv pip compile -q $(UV) pyproject.toml -o requirements/run.lock
	uv pip compile -q $(UV) pyproject.toml --extra test -c requirements/run.lock -o requirements/test.lock

UV := --upgrade --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --python-version 3.11

clean: ## Remove .venv and caches; the database in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info

$(VENV)/ready-made: requirements/build.lock
	@./requirements/make-venv $(VENV)
	@$(PIP) install --require-hashes --requirement requirements/build.lock
	@touch $@

$(VENV)/ready-run: $(VENV)/ready-made requirements/run.lock pyproject.toml
	@echo "installing into $(VENV) (once, a minute or two)"
	@$(LOCKED) requirements/run.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-test: $(VENV)/ready-run requirements/test.lock
	@echo "installing what the tests need (once)"
	@$(LOCKED) requirements/test.lock
	@touch $@
