# On a machine with Python >= 3.11, pip, make and git, nothing else: `make run` and `make test`.
#   PYTHON=/path/to/python3.12   chooses the interpreter of the environment (default: the newest of 3.11 to 3.13, then python3)
#   VENV=folder                  puts the environment elsewhere (default: .venv)
#   JOBS=4                       processes of the tests and of the comparison (default: 2)
#   UV=                          installs with pip even where uv, which is faster, is present

PYTHON ?=
VENV ?= .venv
JOBS ?= 2
UV ?= $(shell command -v uv 2>/dev/null)
BIN := $(VENV)/bin
LOCK := requirements.lock
LOCK_FLAGS ?=
SOURCES := $(shell find chainsim scenarios -type f -not -name '*.pyc' -not -name '*.nb[ci]' 2>/dev/null)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# uv where present, for it is faster; pip where it is not, or where it cannot reach what pip is set up to reach.
install = $(if $(UV),"$(UV)" pip install --quiet --python $(BIN)/python --constraint $(LOCK) $(1) || )\
	$(PIP) install --no-compile --constraint $(LOCK) $(1)
# Each process takes a stretch of the tests and half of what is left to the other when it is done: modules stay whole.
PYTEST = $(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check long lint bench site lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

run: out/jilin/provenance.json ## compare scenarios/jilin-package.yaml with scenarios/jilin.yaml in 16 worlds into out/jilin, with report.html
	@echo "Open out/jilin/report.html in a browser. Nothing is simulated again until the code or a scenario changes."

out/jilin/provenance.json: $(VENV)/.run $(SOURCES)
	@echo "Comparing scenarios/jilin-package.yaml with scenarios/jilin.yaml in 16 worlds of uncertain numbers into out/jilin ..."
	@$(BIN)/chainsim compare scenarios/jilin.yaml scenarios/jilin-package.yaml -o out/jilin --worlds 16 --replications 2 \
		--jobs $(JOBS) --overwrite

test: lint ## everything that continuous integration runs: lint, types, all tests, notebooks
	@echo "Running all tests and notebooks ..."
	@$(PYTEST) --nbmake

check: lint ## lint, types and the fast tests
	@echo "Running the fast tests ..."
	@$(PYTEST) -m "not slow"

# An hour of processor time. tests/sizes.py names the numbers, `NAME=number`, and the files that read them.
long: SIZES = $(shell $(BIN)/python tests/sizes.py)
long: $(VENV)/.test ## the long job: tests that draw, run and kill at random, with many more of each (an hour)
	@echo "Running the long job ..."
	@env $(filter CHAINSIM_%,$(SIZES)) $(PYTEST) --durations 10 $(filter tests/%,$(SIZES))

lint: $(VENV)/.test
	@echo "Checking style and types ..."
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/ruff format --quiet --check . || { echo "Not formatted: run $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/mypy

bench: $(VENV)/.test ## measure speed and memory, ratios first, into build/bench.json
	@$(BIN)/python benchmarks/bench.py

site: $(VENV)/.docs ## build the documents as a site in build/site, to be opened from the disk
	@echo "Writing the pages, with the notebooks run, into build/pages ..."
	@$(BIN)/python docs/make_site.py
	@$(BIN)/zensical build --clean
	@$(BIN)/python docs/make_site.py check
	@echo "Open build/site/index.html in a browser."

lock: $(BIN)/python ## resolve requirements.lock anew, keeping what still fits; LOCK_FLAGS=--upgrade takes the newest of everything
	@$(PIP) install uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra test --extra docs --group build \
		--custom-compile-command "make lock" --output-file $(LOCK) $(LOCK_FLAGS) pyproject.toml

clean: ## remove the environment, the caches and the results of `make run`
	rm -rf $(VENV) out/jilin build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find chainsim tests benchmarks notebooks -name __pycache__ -prune -exec rm -rf {} +

# The environment: what the simulation needs, or that and what the tests need. The stamps make repeated calls free.
$(VENV)/.run: $(BIN)/python pyproject.toml $(LOCK)
	@echo "Installing chainsim and what it needs into $(VENV) ..."
	@$(call install,hatchling)
	@$(call install,--no-build-isolation --editable .)
	@touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml $(LOCK)
	@echo "Installing chainsim, what it needs and what its tests need into $(VENV) ..."
	@$(call install,hatchling)
	@$(call install,--no-build-isolation --editable ".[test]")
	@touch $(VENV)/.run $@

$(VENV)/.docs: $(BIN)/python pyproject.toml $(LOCK)
	@echo "Installing chainsim and what its site needs into $(VENV) ..."
	@$(call install,hatchling)
	@$(call install,--no-build-isolation --editable ".[docs]")
	@touch $(VENV)/.run $@

# The interpreter is tried, not only looked up: a version manager may leave names behind that do not run. Where the
# system's Python lacks ensurepip, as Debian's does, its pip still fills the environment.
$(BIN)/python:
	@for python in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python); do \
		"$$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1 && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "chainsim needs Python 3.11 or newer, but $(if $(PYTHON),$(PYTHON) is not one,none of python3.13 python3.12 python3.11 python3 is one). Install it, or name it: make run PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	echo "Creating $(VENV) with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear $(VENV) >/dev/null 2>&1 || { \
		"$$python" -m venv --clear --without-pip $(VENV) && \
		"$$python" -m pip --quiet --disable-pip-version-check --python $(BIN)/python install pip; \
	} || { echo "Could not create $(VENV): does $$python have the modules venv and pip (Debian: apt install python3-venv)?" >&2; exit 1; }
