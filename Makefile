# Two commands do everything on a bare machine with Python 3.11 or newer: `make` and `make test`.
# `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
       --require-hashes --only-binary :all:
PYTEST := $(BIN)/python -m pytest
QUICK := not (browser or tools or process or java or node or slow)
WORKERS ?= 2

.DEFAULT_GOAL := site
.PHONY: help site check serve quick test soak coverage mutants fuzz lint screenshots bench bench-pages \
        lighthouse lock clean

help: ## list these commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | awk -F'\t' '{printf "make %-13s%s\n", $$1, $$2}'

site: .venv/ready ## build the site into public/ (what `make` alone does)
	$(BIN)/python build.py

check: .venv/ready ## run every check and write nothing
	$(BIN)/python build.py check

serve: .venv/ready ## show the site in a browser, and again after each save
	$(BIN)/python build.py serve

quick: .venv/test-packages ## the inner loop: tests without processes or browsers, under a minute
	$(PYTEST) -q -n $(WORKERS) --dist worksteal -m "$(QUICK)"

test: .venv/ready-for-tests ## install all that the tests need, a real Chromium included, and run them all
	REQUIRE_TOOLS=1 $(PYTEST) -q -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

# With `mutants` and `fuzz` weekly in the workflow.
soak: .venv/ready-for-tests ## the same tests with large counts and full matrices; takes hours
	REQUIRE_TOOLS=1 SOAK=1 HYPOTHESIS_PROFILE=soak \
	    $(PYTEST) -q -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

coverage: .venv/test-packages ## which lines of sitebuilder/ the quick tests run
	$(BIN)/coverage run -m pytest -q -m "$(QUICK)"
	$(BIN)/coverage report --skip-covered --sort=cover

# Half an hour on two cores. One module, or fewer mutants:
# make mutants MUTANTS="sitebuilder/core/urls.py --sample 20"
mutants: .venv/ready-for-tests ## does a test fail for every small slip in the modules that guard the site?
	$(BIN)/python tests/mutation.py $(MUTANTS)

# What it finds is kept in .cache/fuzz, each with its seed.
fuzz: .venv/ready-for-tests ## ten minutes of mutated input files
	PYTHONPATH=.:tests $(BIN)/python tests/fuzz.py $(FUZZ)

lint: .venv/test-packages ## format, lint, check types and the layers
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

screenshots: .venv/ready-for-tests site ## pictures of key pages, into screenshots/
	PYTHONPATH=. $(BIN)/python tests/screenshots.py

# For a quick look: .venv/bin/python bench/builds.py --pages 10,1000 --runs 1
bench: .venv/ready-for-tests ## our builds beside six other generators; forty quiet minutes
	$(BIN)/python bench/serve.py --write docs/benchmarks.md
	$(BIN)/python bench/builds.py --write docs/benchmarks.md

bench-pages: .venv/ready-for-tests site ## our pages beside the default themes of four others; ten minutes
	$(BIN)/python bench/pages.py --write docs/benchmarks.md

# Not among the tests: its times need a quiet machine.
lighthouse: .venv/ready-for-tests ## Lighthouse as on a phone: 100 each on key pages
	PYTHONPATH=. $(BIN)/python tests/lighthouse.py

lock: ## renew the locked versions and their hashes from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --upgrade pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --upgrade --extra test pyproject.toml \
	    -o requirements-test.txt

clean: ## take away .venv, .cache and what npm brought
	rm -rf .venv .cache tests/node_modules

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv \
	    || { rm -rf .venv; echo "No venv module. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

.venv/ready: requirements.txt | .venv/bin/python
	$(PIP) -r requirements.txt
	@touch $@

.venv/test-packages: requirements-test.txt .venv/ready
	$(PIP) -r requirements-test.txt
	@touch $@

.venv/ready-for-tests: .venv/test-packages tests/install-tools.sh tests/package-lock.json
	sh tests/install-tools.sh
	@touch $@
