# Needs git, make and Python 3.11 or newer with pip and venv. All else is fetched by hash; CI calls nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
PYTEST_ARGS ?= -n 2 --dist loadfile
BIN := .venv/bin
PY_READY := .venv/.ready
WEB_READY := web/node_modules/.ready
WEB_BUILT := src/plaint/server/static/manifest.json
WEB_CONFIG := pyproject.toml $(wildcard web/*.html web/*.json web/*.ts web/*.js web/.npmrc)
WEB_SOURCES := $(WEB_CONFIG) $(shell find web/src web/tools web/messages web/public web/project.inlang \
	-path '*/paraglide/*' -prune -o -path '*/cache/*' -prune -o -type f -print 2>/dev/null)

# The wheel's node and npm come first, so that the system's are never used.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export NPM_CONFIG_UPDATE_NOTIFIER := false
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-annotate

.PHONY: help demo dev check fix lint types layers test web e2e vectors bench docs dist lock system

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: $(PY_READY) $(WEB_BUILT) ## Start an invented organisation on this machine
	$(BIN)/plaint demo

dev: $(PY_READY) $(WEB_READY) $(WEB_BUILT) ## Set up everything a change needs

check: lint types layers vectors docs ## Everything that reads the code without running it

fix: $(PY_READY) $(WEB_READY) ## Format, and mend what can be mended mechanically
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	cd web && npm run --silent fix

lint: $(PY_READY) $(WEB_READY) ## Style and known mistakes
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	cd web && npm run --silent lint

types: $(PY_READY) $(WEB_READY) ## mypy strict, svelte-check
	$(BIN)/mypy
	cd web && npm run --silent types

layers: $(PY_READY) ## Imports point only downwards
	$(BIN)/lint-imports

test: system $(PY_READY) $(WEB_BUILT) ## All tests, with PostgreSQL and the browser
	$(BIN)/pytest $(PYTEST_ARGS)
	cd web && npm run --silent test

e2e: system $(PY_READY) $(WEB_BUILT) ## Only the journeys through a real browser
	$(BIN)/pytest -m e2e $(PYTEST_ARGS)

web: $(WEB_BUILT) ## Build the web client

vectors: $(PY_READY) ## Every format has test vectors, and they parse
	$(BIN)/python tools/check_vectors.py

bench: system $(PY_READY) $(WEB_BUILT) ## Measure every promise about speed and size
	$(BIN)/python -m benchmarks

docs: $(PY_READY) ## Links between the documents lead somewhere
	$(BIN)/python tools/check_docs.py

dist: $(PY_READY) ## Wheel and source archive, the same bytes every time
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation --outdir dist

lock: $(PY_READY) ## Choose versions again and write them down with hashes
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	echo uv | $(COMPILE) --upgrade - -o requirements-bootstrap.lock
	cd web && npm install --package-lock-only

system:
	@tools/ensure_system.sh

$(PY_READY): requirements-bootstrap.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Plaint needs Python 3.11 or newer; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bootstrap.lock; }
	$(BIN)/uv pip sync --quiet --require-hashes requirements-bootstrap.lock requirements-dev.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(WEB_READY): web/package-lock.json web/package.json web/.npmrc $(PY_READY)
	cd web && npm ci --no-fund --no-audit
	@touch $@

$(WEB_BUILT): $(WEB_SOURCES) $(WEB_READY)
	cd web && npm run --silent build
	@touch $@
