# Two commands matter on a fresh machine: `make run` and `make test`. Both need Python 3.11+ and make only.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled modules are kept even where the environment says otherwise: the tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=
# Tests run side by side, two workers more than there are cores: they wait for databases, processes and clocks.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 2)')

.PHONY: run demo test lint types imports unit soak bench format clean

run: $(VENV)/.run
	@$(BIN)/python run.py $(ARGS)

demo: $(VENV)/.run
	@$(BIN)/python run.py demo $(ARGS)

# Types and imports are checked beside the tests, in what time these leave free; what they say comes last.
test: lint
	@said=$$(mktemp) || exit; \
	nice $(MAKE) --no-print-directory types imports >"$$said" 2>&1 & beside=$$!; \
	trap 'kill $$beside 2>/dev/null; wait $$beside; rm -f "$$said"; exit 130' INT TERM; \
	$(MAKE) --no-print-directory unit; tests=$$?; \
	wait $$beside; checks=$$?; \
	cat "$$said"; rm -f "$$said"; \
	exit $$((tests ? tests : checks))

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not soak" $(ARGS)

# Long campaigns: many more kills, more random examples.
soak: $(VENV)/.dev
	STARLOOM_SOAK=1 $(BIN)/pytest -n $(WORKERS) --timeout 3600 -m soak $(ARGS)

bench: $(VENV)/.dev
	$(BIN)/python -m bench $(ARGS)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .starloom .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Starloom needs Python 3.11 or newer; name one with PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[embedded]"
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@ $(VENV)/.run
