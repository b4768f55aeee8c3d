# SPDX-License-Identifier: Apache-2.0
# Two commands are all that is needed: make demo, make test. `make help` lists the others.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TESTS ?= tests

.DEFAULT_GOAL := help

##@ Use
.PHONY: install demo
install: $(STAMP) ## Install everything into .venv; leaves .venv/bin/sotto

demo: $(STAMP) ## Take sample interviews the whole way and check everything
	@$(BIN)/sotto demo

##@ Develop
.PHONY: test check stubs format clean
test: $(STAMP) check tools ## Check the code, then run all tests (TESTS=path narrows)
	@$(BIN)/pytest -q $(TESTS)

check: $(STAMP) ## Contracts, stubs, lint, types and the walls between services
	@echo "Checking contracts, stubs, lint, types and walls ..."
	@$(BIN)/buf lint protos
	@$(BIN)/python infra/dev/stubs.py --check
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

.PHONY: tools
tools: $(STAMP) ## Install what the tests run for real: strace, SoftHSM2, PostgreSQL, S3 servers
	@infra/dev/tools.sh $(VENV)

stubs: $(STAMP) ## Make the Python stubs of the contracts anew
	@$(BIN)/python infra/dev/stubs.py

format: $(STAMP) ## Format the code
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

clean: ## Remove what was installed and built
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help
help: ## Show this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@PYTHON=$(PYTHON) infra/dev/install.sh $(VENV)
	@touch $@
