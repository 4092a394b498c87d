# The commands of the README. Each can be run again at any time; what is up to date is not done twice.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
TESTS := $(VENV)/.tests
COMPILED := $(VENV)/.compiled
PACKAGES := schemas catalogue connectors detectors streams leitplanke simulation
DEMO := .cache/demo
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --progress-bar off --no-deps
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links
NATIVE := connectors/native/_native.so
TESTED ?= tests
SIZE ?= small
RSYSLOG := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/leitplanke/rsyslog

.PHONY: help setup demo test check bench lock clean

help:
	@echo "make setup   builds .venv with the command leitplanke in it"
	@echo "make demo    reads a made-up state, prints its findings and the next steps"
	@echo "make test    sets up what tests need and runs them all"
	@echo "make check   tests, formatting, types: what .ci/run runs"
	@echo "make bench   measures speed (generates large files below .cache)"
	@echo "make lock    writes requirements/*.txt anew (needs uv)"
	@echo "make clean   removes .venv and .cache"

setup: $(COMPILED)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Leitplanke needs Python 3.11 or newer; make setup PYTHON=python3.12 names another one" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing; on Debian: apt install python3-venv" >&2; exit 2; }

$(CORE): requirements/core.txt pyproject.toml | $(BIN)/python
	@echo "setting up .venv; the first time takes a minute or two"
	@$(PIP) --require-hashes -r requirements/core.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(NATIVE): $(wildcard connectors/native/*.[ch]) connectors/native/build.py | $(CORE)
	@$(BIN)/python -m connectors.native.build 2>/dev/null \
	  || { echo "no C compiler found: fetching one (100 MB)"; $(PIP) --require-hashes -r requirements/compiler.txt; \
	       $(BIN)/python -m connectors.native.build; }

# Python keeps what it compiled by itself, but not where PYTHONDONTWRITEBYTECODE is set, as in many images: there every
# start would take a quarter of a second longer.
$(COMPILED): $(CORE) $(NATIVE) $(shell find $(PACKAGES) -name '*.py')
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@touch $@

$(TESTS): requirements/test.txt $(CORE) $(NATIVE)
	@echo "setting up what tests need"
	@$(PIP) --require-hashes -r requirements/test.txt
	@touch $@

demo: $(COMPILED)
	@rm -rf $(DEMO)
	@$(BIN)/python -m simulation --out $(DEMO) --size small
	@for site in $(DEMO)/sites/*/site.toml; do \
	  echo "== leitplanke --data $(DEMO)/data ingest --config $$site"; \
	  $(BIN)/leitplanke --data $(DEMO)/data ingest --config $$site; done
	@echo "== leitplanke --data $(DEMO)/data findings"
	@$(BIN)/leitplanke --data $(DEMO)/data findings
	@$(BIN)/leitplanke --data $(DEMO)/data findings --format ndjson > $(DEMO)/findings.ndjson
	@echo "== compared with the truth of the made-up state"
	@$(BIN)/python -m simulation.score --truth $(DEMO)/truth.jsonl --findings $(DEMO)/findings.ndjson
	@echo "== next steps"
	@first=$$($(BIN)/python -c 'import json; rows = map(json.loads, open("$(DEMO)/findings.ndjson")); \
	  print(max(rows, key=lambda row: row["urgency"])["id"][:8])'); \
	echo "one finding     $(BIN)/leitplanke --data $(DEMO)/data show $$first --lang de"; \
	echo "what left       $(BIN)/leitplanke --data $(DEMO)/data observations"; \
	echo "every record    $(BIN)/leitplanke --data $(DEMO)/data ledger"; \
	echo "your own logs   $(BIN)/leitplanke formats, then $(BIN)/leitplanke ingest --help"

# The real sender of the tests. Where Debian's package manager is missing they skip and say so.
$(RSYSLOG)/.done: tests/rsyslog.sh
	@bash tests/rsyslog.sh $(RSYSLOG)

test: $(TESTS) $(RSYSLOG)/.done
	@$(BIN)/python -m pytest $(TESTED)

check: test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(COMPILED)
	@$(BIN)/python bench/edge.py
	@$(BIN)/python -m bench.judge

lock:
	@cd requirements && $(COMPILE) --group ../pyproject.toml:build ../pyproject.toml -o core.txt
	@cd requirements && $(COMPILE) --group ../pyproject.toml:compiler -o compiler.txt
	@cd requirements && $(COMPILE) --group ../pyproject.toml:build --extra test -c core.txt ../pyproject.toml -o test.txt

clean:
	@rm -rf $(VENV) .cache $(NATIVE)
