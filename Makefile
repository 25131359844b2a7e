# make demo · make test · make check · make bench · make docs · make flex
# Needs Python 3.11, 3.12 or 3.13; another one than python3: make demo PYTHON=python3.12
# make flex needs Node.js 18.18 or newer, and npm; nothing else does.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PARTS := core sandbox $(wildcard plugins/*)

.PHONY: demo test check bench docs flex install clean

demo: install  ## the whole desk on this machine, without any account
	$(BIN)/frontdesk demo $(ARGS)

test: install  ## all tests; make test ARGS="tests/core -x" for some
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: install  ## what is checked before anything is merged
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.generator --check

bench: install  ## figures as ratios; make bench ONLY=name for one of them
	$(BIN)/python -m benchmarks $(ONLY)

docs: install  ## writes docs/reference from the code
	$(BIN)/python -m docs.generator

flex: flex/node_modules/.package-lock.json  ## checks, tests and builds the Flex plugin: flex/dist/plugin-frontdesk.js
	cd flex && npm run typecheck && npm run lint && npm test && npm run build

flex/node_modules/.package-lock.json: flex/package.json flex/package-lock.json
	cd flex && npm ci
	@touch $@

install: $(VENV)/.installed

$(VENV)/.installed: requirements.txt constraints.txt $(PARTS:=/pyproject.toml)
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("Frontdesk needs Python 3.11, 3.12 or 3.13; name one: make $(MAKECMDGOALS) PYTHON=python3.12")'
	@echo "Installing into $(VENV): one to two minutes the first time."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

clean:  ## removes what make has made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache flex/node_modules flex/dist
