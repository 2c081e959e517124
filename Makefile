# Needs Python 3.11 or newer, make and a C compiler; everything else comes from the registries.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PYTEST := $(BIN)/pytest -n 2 --dist worksteal -q
# What runs in one process, on either database; make check leaves out what takes long.
INSIDE := not browser and not crash and not fuzz
QUICK := $(INSIDE) and not thorough

.PHONY: demo test check bench crash explore screenshots texts lock clean format \
	lint types contracts test-sqlite test-thorough test-postgres test-browser test-crash test-fuzz test-races

# --- to use it

demo: .made/run  ## a made-up school to try out: make demo PORT=8000
	$(BIN)/corridor demo --port $(PORT) $(if $(BUSY),--busy)

# --- to change it

test: .made/browser  ## everything
	$(MAKE) --no-print-directory check
	$(MAKE) --no-print-directory test-thorough
	$(MAKE) --no-print-directory test-postgres
	$(MAKE) --no-print-directory test-races
	$(MAKE) --no-print-directory test-fuzz
	$(MAKE) --no-print-directory test-browser
	$(MAKE) --no-print-directory test-crash

check: .made/test  ## what to run before every commit: all but the browser and what takes long
	@$(MAKE) --no-print-directory -k -j2 --output-sync=target types test-sqlite lint contracts

lint: .made/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .made/test
	$(BIN)/mypy

contracts: .made/test
	$(BIN)/lint-imports

test-sqlite: .made/test
	$(PYTEST) -m "$(QUICK)"

test-thorough: .made/test
	$(PYTEST) -m thorough

test-postgres: .made/test
	$(PYTEST) -m "$(INSIDE)" --database postgres

# A browser on a busy machine stumbles now and then: once more, and listed. What fails twice fails.
test-browser: .made/browser
	$(PYTEST) -m browser --reruns 1 -rR

test-fuzz: .made/test
	$(BIN)/pytest -q -m fuzz
	$(BIN)/pytest -q -m fuzz --database postgres

test-races: .made/test  # a crowd of 200 asks for the last place, 100 times over
	RACE_TIMES=100 $(PYTEST) tests/passes/test_races.py -k last_place
	RACE_TIMES=100 $(PYTEST) tests/passes/test_races.py -k last_place --database postgres

explore: .made/test  ## look for what the usual examples do not show: others, and five times as many
	$(PYTEST) -m "hypothesis or stateful" --hypothesis-profile explore
	$(PYTEST) -m "hypothesis or stateful" --hypothesis-profile explore --database postgres

test-crash: .made/test
	$(BIN)/pytest -q -m crash

crash: .made/test  ## kill the server 50 times under load, on each database
	$(BIN)/pytest -m crash --kills 50

bench: .made/test  ## the figures of bench/README.md
	$(BIN)/python -m bench
	$(BIN)/python -m bench.devices
	$(BIN)/python -m bench.integration --seconds 60

screenshots: .made/browser  ## the pictures in docs/
	$(BIN)/python -m tools.screenshots

texts: .made/test  ## find the texts of the pages, bring the translations up to date
	$(BIN)/python -m tools.texts

format: .made/test
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: .made/test  ## resolve the dependencies of pyproject.toml anew
	$(COMPILE) requirements/build.in -o requirements/build.txt
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) pyproject.toml --extra test -c requirements/run.txt -o requirements/test.txt

COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

clean:
	rm -rf .venv .made .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		build dist *.egg-info

# --- what is installed: each stamp stands for a finished step

.made/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Corridor needs Python 3.11 or newer. Name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	@mkdir -p .made && touch $@

.made/run: .made/venv requirements/build.txt requirements/run.txt pyproject.toml
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes \
		-r requirements/build.txt -r requirements/run.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.made/test: .made/run requirements/test.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

.made/browser: .made/test tools/browser.py
	$(BIN)/python tools/browser.py
	@touch $@
