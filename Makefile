# Two commands: `make demo` and `make test`.  Both set up what they need from pinned versions in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
PHASES ?= 10
SEED ?= 7
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test attack bench check lint clean help

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serve: requirements/base.txt requirements/server.txt pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet -r requirements/base.txt -r requirements/server.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.develop: $(VENV)/.serve requirements/node.txt requirements/export.txt requirements/dev.txt
	$(BIN)/pip install --quiet -r requirements/base.txt -r requirements/server.txt -r requirements/node.txt \
		-r requirements/export.txt -r requirements/dev.txt
	@touch $@

$(VENV)/.peers: $(VENV)/.develop requirements/peers.txt
	-$(BIN)/pip install --quiet -r requirements/peers.txt
	@touch $@

$(DEMO)/study: | $(VENV)/.serve
	$(BIN)/scanserve phantom --phases $(PHASES) --seed $(SEED) --out $@

demo: $(VENV)/.serve $(DEMO)/study ## a phantom study through the real server to a report
	$(BIN)/scanserve ccta $(DEMO)/study --out $(DEMO)/result --force
	@echo "Report: $(DEMO)/result/report.html"

test: $(VENV)/.develop ## all tests, on the real tritonserver
	$(BIN)/python -m pytest -m "not alone" --numprocesses $(WORKERS) --dist loadfile
	$(BIN)/python -m pytest -m alone

attack: $(VENV)/.develop ## ten thousand hostile messages to a server on loopback, with figures
	$(BIN)/python -m pytest tests/server/test_attack_live.py --log-cli-level=INFO

bench: $(VENV)/.peers $(DEMO)/study ## speed and memory, beside named peers
	$(BIN)/scanserve perf bench $(DEMO)/study --out perf/results/bench

check: $(VENV)/.develop ## generated files are up to date
	$(BIN)/scanserve export all --check

lint: $(VENV)/.develop ## style and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy

clean: ## remove the environment and the demo
	rm -rf $(VENV) $(DEMO)
