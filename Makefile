# Waybill. `make` alone lists what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
DEV := $(VENV)/.dev
APP := $(VENV)/.app
SOURCES := console inference tests manage.py

# uv is quicker; without it venv and pip do the same from the same versions. Like uv, pip compiles nothing ahead: of what
# it installs a third is ever imported.
UV := $(shell command -v uv 2>/dev/null)

# What Python compiles is kept, whatever the shell says: workers of the tests would compile all of it again each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo demo-check test test-real contract bench tour check format run worker observe schema migrations lock clean

help: ## What there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	$(if $(UV),$(UV) venv --quiet --python $(PYTHON) $(VENV),$(PYTHON) -m venv $(VENV))

$(APP): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(if $(UV),VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet -c constraints.txt -e .,$(RUN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e .)
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(if $(UV),VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet -c constraints.txt -e '.[dev]',$(RUN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e '.[dev]')
	@touch $@ $(APP)

demo: $(APP) ## A live console with two simulated clusters, on SQLite, without a broker; PORT=8001 for another port
	$(RUN)/python -m console.demo $(if $(PORT),--port $(PORT)) $(if $(CLUSTERS),--clusters $(CLUSTERS))

demo-check: $(APP) ## Walk a change by REST from an edit to its first token; CLUSTERS="a.kubeconfig b.kubeconfig" for real ones
	$(RUN)/python -m console.demo --check $(if $(CLUSTERS),--clusters $(CLUSTERS))

# Three processes on two cores: a third of the time of one is waiting. Where the shell forbids byte
# code, each of them, and each process that a test starts, would compile everything anew.
test: $(DEV) ## Everything that can be tested with nothing installed
	PYTHONDONTWRITEBYTECODE= $(RUN)/pytest -n 3 --dist worksteal -m "not real" -q

test-real: $(DEV) ## The rest: real API server, cluster, PostgreSQL, Redis, kill -9, browser; property tests with sixteen times the examples
	$(RUN)/pytest -m "real" -q
	$(RUN)/pytest -n 3 --dist worksteal -m "hypothesis and not real" --hypothesis-profile=deep -q

contract: $(DEV) ## The contract cases, on the simulator and on a real API server
	$(RUN)/pytest tests/contract -q

bench: $(DEV) ## Ratios against a peer, measured in one run: name ratio target pass|fail
	$(RUN)/python -m tests.benchmarks

tour: $(DEV) ## Screenshots: the best of a demo into docs/tour, every page in every state into var/shots
	$(RUN)/pytest tests/browser/tour.py tests/browser/shots.py tests/browser/shots_living.py tests/browser/shots_forms.py tests/browser/shots_real.py -q

check: $(DEV) ## Style, types, import contracts, templates, migrations, OpenAPI
	$(RUN)/ruff format --check $(SOURCES)
	$(RUN)/ruff check $(SOURCES)
	$(RUN)/lint-imports --no-cache
	git ls-files -z 'templates/*.html' | xargs -0 -r $(RUN)/djade --check --target-version 5.2
	$(RUN)/python -W error manage.py check --fail-level INFO
	$(RUN)/python manage.py makemigrations --check --dry-run
	$(RUN)/mypy $(SOURCES)

format: $(DEV) ## Put code and templates in shape
	$(RUN)/ruff format $(SOURCES)
	$(RUN)/ruff check --fix-only --quiet $(SOURCES)

run: $(APP) ## The web server, for development
	$(RUN)/python manage.py migrate --verbosity 0
	$(RUN)/uvicorn console.asgi:application --host 127.0.0.1 --port 8000 --timeout-graceful-shutdown 2

worker: $(APP) ## A worker
	$(RUN)/celery -A console worker -P threads --concurrency 16 --loglevel INFO

observe: $(APP) ## The observers
	$(RUN)/python manage.py observe

schema: $(DEV) ## Write docs/openapi.yaml anew
	$(RUN)/python manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn

migrations: $(DEV) ## Write migrations for changed tables; give each a name
	$(RUN)/python manage.py makemigrations inference

lock: $(DEV) ## Resolve the dependencies anew, into uv.lock and constraints.txt
	$(RUN)/uv lock --upgrade
	$(RUN)/uv export --quiet --all-extras --no-hashes --no-emit-project --no-annotate --no-header -o constraints.txt

clean: ## Remove what make has made
	rm -rf $(VENV) var build dist .mypy_cache .ruff_cache .pytest_cache
