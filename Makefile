# SPDX-License-Identifier: Apache-2.0
# Two commands are all that is needed: make demo, make test. `make help` lists the others.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BASELINE := protos/baseline.binpb
# Empty: all tests, the quick ones first. Those that start services of their own follow, two files
# at a time, and last, one by one, those that take whole interviews the whole way.
TESTS ?=
QUICK := tests/unit tests/contract
SLOW := tests/fault tests/integration tests/attack
ALONE := tests/e2e
# The tests of a file share what it started. In the order of the files, the last ones are short.
BY_FILE := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help

##@ Use
.PHONY: install demo
install: $(STAMP) ## Install everything into .venv; leaves .venv/bin/sotto

demo: $(STAMP) ## Take sample interviews the whole way and check everything
	@$(BIN)/sotto demo

##@ Develop
.PHONY: test unit attack cover check format clean
test: $(STAMP) check tools ## Check the code, then run all tests (TESTS=path narrows)
	@if [ -n "$(TESTS)" ]; then $(BIN)/pytest -q --durations=15 $(TESTS); \
	else $(BIN)/pytest -q -n 2 $(QUICK) && $(BIN)/pytest -q $(BY_FILE) --durations=15 $(SLOW) && \
	  $(BIN)/pytest -q --durations=15 $(ALONE); fi

unit: $(STAMP) ## Run the unit tests alone, on two cores
	@$(BIN)/pytest -q -n 2 --durations=10 tests/unit

attack: $(STAMP) tools ## Attack a running installation, as docs/security.md says; part of make test
	@$(BIN)/pytest -q $(BY_FILE) --durations=10 tests/attack

cover: $(STAMP) ## Run unit and contract tests and say which lines they reach (TESTS=path narrows)
	@$(BIN)/pytest -q -n 2 --cov --cov-report=term:skip-covered $(or $(TESTS),$(QUICK))

check: $(STAMP) ## Contracts, stubs, lint, types and the walls between services
	@echo "Checking contracts, stubs, lint, types and walls ..."
	@$(BIN)/buf lint protos
	@$(BIN)/buf breaking protos --against $(BASELINE)
	@$(BIN)/buf build protos --exclude-source-info -o - | cmp -s - $(BASELINE) || \
	  { echo "The contracts changed; take them for those that later ones must fit: make baseline" >&2; exit 1; }
	@$(BIN)/python infra/dev/stubs.py --check
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

.PHONY: tools
tools: $(STAMP) ## Install what the tests run for real: strace, SoftHSM2, PostgreSQL, Chromium, S3 servers
	@infra/dev/tools.sh $(VENV)

format: $(STAMP) ## Format the code
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

clean: ## Remove what was installed and built
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

##@ Make anew
.PHONY: stubs baseline docs leaderboard pins upgrade licences
stubs: $(STAMP) ## Make the Python stubs of the contracts anew
	@$(BIN)/python infra/dev/stubs.py

baseline: $(STAMP) ## Take the contracts for those that later ones must fit; refuses those that break
	@$(BIN)/buf breaking protos --against $(BASELINE)
	@$(BIN)/buf build protos --exclude-source-info -o $(BASELINE)

docs: $(STAMP) ## Make the tables of settings and the pictures in docs/ from the code
	@$(BIN)/python -m infra.dev.settings_docs
	@$(BIN)/python -m infra.dev.picture

leaderboard: $(STAMP) ## Run other de-identification engines beside ours (GOLD=, NEWS=, FILES=)
	@$(BIN)/python -m benchmarks.leaderboard $(if $(GOLD),--gold $(GOLD)) $(if $(NEWS),--news $(NEWS)) \
	  $(if $(FILES),--files $(FILES))

pins: $(STAMP) ## Pin what pyproject.toml asks for; pinned versions stay
	@$(BIN)/python -m infra.dev.pins

upgrade: $(STAMP) ## Move all pins to the newest versions that are a week old
	@$(BIN)/python -m infra.dev.pins --upgrade
	@echo "Now: make test, then make licences"

licences: $(STAMP) ## List in NOTICE the licences of what is installed to run Sotto
	@$(BIN)/python -m infra.dev.licences

.PHONY: help
help: ## Show this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml requirements.txt requirements-dev.txt
	@PYTHON=$(PYTHON) infra/dev/install.sh $(VENV)
	@touch $@
