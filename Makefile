# Two commands do everything on a bare machine with Python 3.11 or newer:
#   make        builds the site into public/
#   make test   installs all that the tests need, a real Chromium included, and runs them all

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
       --require-hashes --only-binary :all:

.PHONY: site check serve test soak mutants fuzz lint screenshots bench bench-pages lighthouse lock clean

site: .venv/ready
	$(BIN)/python build.py

check: .venv/ready
	$(BIN)/python build.py check

serve: .venv/ready
	$(BIN)/python build.py serve

test: .venv/ready-for-tests
	$(BIN)/python tests/run_all.py

# The same tests with many more examples, so far longer; with `mutants` and `fuzz` weekly in the
# workflow.
soak: .venv/ready-for-tests
	SOAK=1 HYPOTHESIS_PROFILE=soak $(BIN)/python tests/run_all.py

# Does a test fail for every small slip of what guards the site? Half an hour on two cores.
# One module, or fewer slips: make mutants MUTANTS="sitebuilder/core/urls.py --sample 20"
mutants: .venv/ready-for-tests
	$(BIN)/python tests/mutation.py $(MUTANTS)

# Ten minutes of changed bytes. What is found lies in .cache/fuzz, each with its seed.
fuzz: .venv/ready-for-tests
	PYTHONPATH=.:tests $(BIN)/python tests/fuzz.py $(FUZZ)

lint: .venv/ready-for-tests
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

screenshots: .venv/ready-for-tests site
	PYTHONPATH=. $(BIN)/python tests/screenshots.py

# Ours beside six other generators, up to 10,000 pages; ours alone up to 100,000. Forty minutes;
# needs a quiet machine. For a quick look: .venv/bin/python bench/builds.py --pages 10,1000 --runs 1
bench: .venv/ready-for-tests
	$(BIN)/python bench/serve.py --write docs/benchmarks.md
	$(BIN)/python bench/builds.py --write docs/benchmarks.md

# Ours against the default themes of four others: same words, same browser. Ten minutes.
bench-pages: .venv/ready-for-tests site
	$(BIN)/python bench/pages.py --write docs/benchmarks.md

# Lighthouse as on a phone: 100 each on key pages. Not among the tests: its times need a quiet machine.
lighthouse: .venv/ready-for-tests
	PYTHONPATH=. $(BIN)/python tests/lighthouse.py

# Renews the locked versions and their hashes from the ranges in pyproject.toml.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --upgrade pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --upgrade --extra test pyproject.toml \
	    -o requirements-test.txt

clean:
	rm -rf .venv .cache tests/node_modules

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv \
	    || { rm -rf .venv; echo "No venv module. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

.venv/ready: requirements.txt | .venv/bin/python
	$(PIP) -r requirements.txt
	@touch $@

.venv/ready-for-tests: requirements-test.txt tests/install-tools.sh tests/package-lock.json .venv/ready
	$(PIP) -r requirements-test.txt
	sh tests/install-tools.sh
	@touch $@
