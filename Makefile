# Everything runs in a virtual environment that these rules make; only Python 3.11+ is needed.
#   make demo                    upscale the sample picture
#   make test                    run the test suite
#   make fuzz                    draw calls at random; FUZZ_SECONDS= and FUZZ_SEED= say how many
#   make PYTHON=python3.12 test  with another interpreter

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
PYTEST_ARGS ?=
FUZZ_SECONDS ?= 300
FUZZ_SEED ?=
EXTRAS := cli,linen,nnx,haiku,equinox,examples
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test fuzz lint format typecheck images ci clean

help:
	@echo "make demo       upscale the sample picture and say where the result is"
	@echo "make test       run the test suite"
	@echo "make fuzz       draw calls at random for five minutes, and say what breaks"
	@echo "make lint       check style and formatting"
	@echo "make format     mend both where a tool can"
	@echo "make typecheck  check the types"
	@echo "make images     draw the sample and the pictures in the README again"
	@echo "make ci         all of it, with PyTorch parity and the newest JAX"
	@echo "make clean      remove the environment and what the rules made"

demo: $(VENV)/.installed-cli
	@mkdir -p demo
	@$(BIN)/python -m jaxup upscale --scale 4 --force --output demo/sample_x4.png
	@echo "Look at $(CURDIR)/demo/sample_x4.png"

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(PYTEST_ARGS)

# Without LLVM's optimisations, which the suite has, twice as much is drawn.
fuzz: $(VENV)/.installed-test
	@XLA_FLAGS="$(XLA_FLAGS) --xla_backend_optimization_level=0" JAX_PLATFORMS=cpu \
	  OPENBLAS_NUM_THREADS=1 \
	  FUZZ_SECONDS="$(FUZZ_SECONDS)" FUZZ_SEED="$(FUZZ_SEED)" $(BIN)/python -m tests.fuzz

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

format: $(VENV)/.installed-dev
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

typecheck: $(VENV)/.installed-dev
	@$(BIN)/pyright --pythonpath $(BIN)/python

# The pictures that ship with the package and stand in the README.
images: $(VENV)/.installed-cli
	@$(BIN)/python docs/draw_sample.py
	@$(BIN)/python -m jaxup upscale --method nearest --force --output docs/images/nearest.png
	@$(BIN)/python -m jaxup upscale --method bicubic --force --output docs/images/bicubic.png

ci:
	@.ci/run

clean:
	rm -rf $(VENV) .venv-ci .venv-ci-newest .venv-ci-oldest demo build dist

# A mark for what was installed: the extra cli, or a dependency group with every extra. A changed
# pyproject.toml installs again. pip knows groups since 25.1; older Pythons bring an older pip.
$(VENV)/.installed-cli: pyproject.toml | $(BIN)/pip
	@echo "Installing jaxup[cli] into $(VENV) ..."
	@$(PIP) install --no-compile --editable '.[cli]'
	@touch $@

$(VENV)/.installed-%: pyproject.toml | $(BIN)/pip
	@echo "Installing jaxup with every extra, and the group $*, into $(VENV) ..."
	@$(PIP) install 'pip>=25.1'
	@$(PIP) install --no-compile --editable '.[$(EXTRAS)]' --group $*
	@touch $@

# pip arrives last, so its absence also mends an environment whose making was interrupted.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "jaxup needs Python 3.11 or newer, but $(PYTHON) is: $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; \
	  exit 1; }
	@$(PYTHON) -m venv $(VENV)
