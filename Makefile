# ImmunoSep: `make demo` and `make test` do everything on a fresh Debian or Ubuntu machine with Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash
SERVE ?= 1
T :=
K :=
UNBLINDED := IMMUNOSEP_SIDE=unblinded $(BIN)/python manage.py

.PHONY: help setup demo run test postgresql coverage production check format messages bench browser worlds faults adversary waiting clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

setup: .venv/ready ## a virtual environment with the pinned packages, once
	@mkdir -p var/static && touch var/embedded

demo: setup ## set up, play the trial, serve both sides (SERVE=0: do not serve)
	@$(UNBLINDED) demo
	@if [ "$(SERVE)" = "1" ]; then $(UNBLINDED) serve; fi

run: setup ## serve both sides with what make demo left
	@$(UNBLINDED) serve

test: setup ## every test; T=path or K=name, or both: those alone, on SQLite
	@T='$(T)' K='$(K)' .ci/suite

postgresql: setup ## every test but the browser's on PostgreSQL and Redis; `make test` runs there what depends on the engine
	@ENGINES=postgresql .ci/suite

coverage: setup ## how much of the code the tests of both sides run, on SQLite, in one line
	@.ci/coverage

production: ## both sides with workers on PostgreSQL and Redis, from nothing; one participant treated; all ended
	@PYTHON=$(PYTHON) deploy/production

check: setup ## form, lint, templates, contracts, types, migrations, settings: what a change must pass
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	.ci/templates
	$(BIN)/lint-imports
	$(BIN)/mypy
	IMMUNOSEP_EMBEDDED=1 IMMUNOSEP_DEMONSTRATION=1 $(UNBLINDED) makemigrations --check --dry-run
	IMMUNOSEP_EMBEDDED=1 IMMUNOSEP_SIDE=blinded $(BIN)/python manage.py check --fail-level WARNING
	IMMUNOSEP_EMBEDDED=1 $(UNBLINDED) check --fail-level WARNING

bench: setup ## speed, as ratios to floors of the same run
	@$(BIN)/python -m benchmarks

worlds: setup ## every world of the non-interference test on SQLite and on PostgreSQL; the suite plays a part on each
	@.ci/worlds

browser: setup ## pages and paths in Chromium at every width and in every language, and the pharmacist's whole week
	@PAGE_WIDTHS=all PATH_WIDTHS=all PAGE_LANGUAGES=de,el,fr,it,nl,ro WEEK_DAYS=7 IMMUNOSEP_SIDE=unblinded \
	  $(BIN)/python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder tests/browser

faults: setup ## processes killed while they randomise, at length, on SQLite and on PostgreSQL; the suite has a short form
	@.ci/faults

adversary: setup ## what the times shown on the ward tell of contents: AUCs of played days and of planted leaks; then waiting
	@$(BIN)/python -m tests.both.worlds.adversary
	@$(MAKE) --no-print-directory waiting

waiting: setup ## real time of messages by content and class, on SQLite and PostgreSQL (LONG=1: more planted delays)
	@$(BIN)/python -m tests.both.worlds.messages $(if $(LONG),--long)

messages: setup ## catalogues of the languages, extracted and compiled (needs GNU gettext)
	@.ci/messages

format: setup ## Python and templates, brought into their form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	.ci/templates --reformat

clean: ## remove the environment, the data and the caches
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
