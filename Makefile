# Zählwerk. `make run` and `make test` are all the set-up there is.

PYTHON ?= python3
PORT ?= 8000
JOBS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 2)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
NODE := $(shell command -v npm)

.DEFAULT_GOAL := help
.PHONY: help run test venv check assets bench

help: ## show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: venv ## serve a simulated city (PORT=8000) and print where to look
	$(BIN)/zaehlwerk demo --port $(PORT)

test: venv ## run all tests (ARGS="-k name" picks some, JOBS=0 for one process)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

venv: $(STAMP) ## install into .venv, with what development needs

$(STAMP): setup.cfg pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Zählwerk needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

check: venv ## check style, types and, with Node.js, the built assets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
ifneq ($(NODE),)
	test -d node_modules || npm ci --no-audit --no-fund
	npm run --silent assets:check
else ifeq ($(CI),true)
	@echo "Node.js is missing, so the built assets cannot be checked." && exit 1
else
	@echo "Node.js is not installed: the built assets were not checked."
endif

assets: ## build the snippet and copy the vendored files (needs Node.js)
	npm ci --no-audit --no-fund
	npm run --silent assets

bench: venv ## measure what README claims
	$(BIN)/python -m bench $(ARGS)
