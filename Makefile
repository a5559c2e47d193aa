# Everything runs in a virtual environment that these rules make; only Python 3.11+ is needed.
#   make demo                    upscale the sample picture
#   make test                    run the test suite
#   make clients                 run jaxup in real programs; CLIENTS= says in which
#   make fuzz                    draw calls at random; FUZZ_SECONDS= and FUZZ_SEED= say how many
#   make PYTHON=python3.12 test  with another interpreter

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
PYTEST_ARGS ?=
QUICK := $(addprefix tests/,core/test_kernels.py core/test_boundary.py core/test_coordinates.py \
  core/test_operator.py functions/test_resize.py \
  functions/test_upsample.py \
  project/test_imports.py project/test_readme.py)
URL ?=
FUZZ_SECONDS ?= 300
FUZZ_SEED ?=
# Those that PyPI has. CLIENTS= (none named) runs all, two of which come from GitHub.
CLIENTS ?= keras_image equimo_vit diffusers_flax pix_warp
EXTRAS := cli,linen,nnx,haiku,equinox,examples
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-quick fuzz clients lint format typecheck docs gallery images ci dist \
  clean

help:
	@echo "make demo       upscale the sample picture and say where the result is"
	@echo "make test       run the test suite"
	@echo "make test-quick run a part of it, in under a minute"
	@echo "make fuzz       draw calls at random for five minutes, and say what breaks"
	@echo "make clients    run jaxup in place of real programs' own resampling, and compare"
	@echo "make lint       check style and formatting"
	@echo "make format     mend both where a tool can"
	@echo "make typecheck  check the types"
	@echo "make docs       build the documentation into site/, and check its links"
	@echo "make images     draw the pictures in the README and the documentation again"
	@echo "make ci         all of it, with PyTorch parity and the newest JAX"
	@echo "make dist       build the sdist and the wheel, and try them with two versions of JAX"
	@echo "make clean      remove the environment and what the rules made"

demo: $(VENV)/.installed-cli
	@mkdir -p demo
	@$(BIN)/python -m jaxup upscale --scale 4 --force --output demo/sample_x4.png
	@echo "Look at $(CURDIR)/demo/sample_x4.png"

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(PYTEST_ARGS)

# One file or two of every kind. `make test` runs the others too.
test-quick: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(QUICK)
	@echo "This was a part of the tests. make test runs all of them, in about 22 minutes."

# Without LLVM's optimisations, which the suite has, twice as much is drawn.
fuzz: $(VENV)/.installed-test
	@XLA_FLAGS="$(XLA_FLAGS) --xla_backend_optimization_level=0" JAX_PLATFORMS=cpu \
	  OPENBLAS_NUM_THREADS=1 \
	  FUZZ_SECONDS="$(FUZZ_SECONDS)" FUZZ_SEED="$(FUZZ_SEED)" $(BIN)/python -m tests.fuzz

# Each client has an environment of its own, in .venv-clients.
clients:
	@$(PYTHON) examples/clients/run.py $(CLIENTS)

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

format: $(VENV)/.installed-dev
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

typecheck: $(VENV)/.installed-dev
	@$(BIN)/pyright --pythonpath $(BIN)/python

# The pictures of the methods, for the README and docs/methods.md.
images: gallery
gallery: $(VENV)/.installed-docs
	@$(BIN)/python docs/draw_gallery.py

# Needs no network once its tools are installed.
docs: $(VENV)/.installed-docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@$(BIN)/python docs/check_links.py
	@echo "Open $(CURDIR)/site/index.html"

# The pictures that ship with the package and stand in the README.
images: $(VENV)/.installed-cli
	@$(BIN)/python docs/draw_sample.py
	@$(BIN)/python -m jaxup upscale --method nearest --force --output docs/images/nearest.png
	@$(BIN)/python -m jaxup upscale --method bicubic --force --output docs/images/bicubic.png

ci:
	@.ci/run

# URL is the repository's address: links of the README and of the package are to files there.
dist:
	@JAXUP_URL="$(URL)" PYTHON="$(PYTHON)" .ci/run build

clean:
	rm -rf $(VENV) .venv-clients .venv-ci .venv-ci-newest .venv-ci-oldest .venv-matrix-* demo build dist site

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
