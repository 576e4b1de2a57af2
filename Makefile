# ImmunoSep: `make demo` and `make test` do everything on a fresh Debian or Ubuntu machine with Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash
SERVE ?= 1
UNBLINDED := IMMUNOSEP_SIDE=unblinded $(BIN)/python manage.py

.PHONY: setup demo run test production check bench adversary messages format clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   set up, play the trial, serve both sides (SERVE=0: do not serve)"
	@echo "make test   set up, run every test"
	@echo "make production   two sides with workers on PostgreSQL and Redis from nothing, one participant treated, all ended"
	@echo "make run    serve both sides on what make demo left"
	@echo "make check  format, lint, types, contracts, migrations, templates"
	@echo "make bench  speed, as ratios against floors of the same run"
	@echo "make adversary  what the times shown on the ward tell of contents: AUCs of played days, and of planted leaks"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: apt-get install python3, or PYTHON=/path/to/python3 make ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv is missing: apt-get install python3-venv, then run make again."; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/ready: requirements.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing the pinned packages (once) ..." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

setup: .venv/ready
	@mkdir -p var/static && touch var/embedded

demo: setup
	@$(UNBLINDED) demo
	@if [ "$(SERVE)" = "1" ]; then $(UNBLINDED) serve; fi

run: setup
	@$(UNBLINDED) serve

test: setup
	@.ci/suite

production:
	@PYTHON=$(PYTHON) deploy/production

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	.ci/templates
	$(BIN)/lint-imports
	$(BIN)/mypy
	IMMUNOSEP_EMBEDDED=1 IMMUNOSEP_DEMONSTRATION=1 $(UNBLINDED) makemigrations --check --dry-run
	IMMUNOSEP_EMBEDDED=1 IMMUNOSEP_SIDE=blinded $(BIN)/python manage.py check --fail-level WARNING
	IMMUNOSEP_EMBEDDED=1 $(UNBLINDED) check --fail-level WARNING

bench: setup
	@$(BIN)/python -m benchmarks

adversary: setup
	@$(BIN)/python -m benchmarks.adversary

messages: setup
	@.ci/messages

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	.ci/templates --reformat

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
