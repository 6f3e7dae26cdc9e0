# Two commands on a fresh machine: `make demo` and `make test`. They need Python 3.11 or newer (with venv), git and make.
# Everything else comes from requirements/*.txt, locked with hashes, into .venv; outside the checkout only pip's own cache is touched.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Empty when no interpreter is new enough; `make PYTHON=/path/to/python3.12 ...` chooses one.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
# The tests that `make test` runs: quick, or all (docs/adr/0084).
TESTS ?= quick
SELECTION = $(if $(filter all,$(TESTS)),,$(if $(filter quick,$(TESTS)),--quick,$(error TESTS is quick or all)))
PYTEST_ARGS ?=
SEED ?=
SEEDS ?= 1
FAULTS ?= 200
MESSAGES ?= 20000
CHAOS_ARGS ?=
INPUTS ?= 1000000
WIRE_INPUTS ?= 100000
RULES ?=
VERSION ?=
KEY ?=
NATS ?=
NATS_SHA256 ?=
BUNDLE_ARGS ?=
BENCH ?= seal open e2e catchup receipts

# Compiled modules are kept, whatever the environment says: else each of many processes compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --quiet --require-hashes
CODE := gateway tests bench deploy noxfile.py
PROSE := Makefile noxfile.py pyproject.toml README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md .ci docs deploy gateway keys schemas tests
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --annotation-style line $(if $(UPGRADE),--upgrade)

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: $(VENV)/.run ## found a federation of eleven members on this machine and show who received what
	@$(BIN)/suar demo --once

.PHONY: test
test: $(VENV)/.test ## the quick tests on two cores, in random order; TESTS=all: every test, as in CI (PYTEST_ARGS adds options)
	@$(BIN)/python -m pytest $(SELECTION) -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

.PHONY: chaos
chaos: $(VENV)/.test ## break a federation on purpose (SEED=n plays one again, SEEDS=n new ones, FAULTS, MESSAGES, CHAOS_ARGS)
	@PYTHONPATH=tests $(BIN)/python -m chaos $(if $(SEED),--seed $(SEED),--seeds $(SEEDS)) --faults $(FAULTS) --messages $(MESSAGES) $(CHAOS_ARGS)

.PHONY: pictures
pictures: $(VENV)/.test ## take the pictures of docs/pictures again, with Chromium
	@PYTHONPATH=tests $(BIN)/python -m browser.pictures

.PHONY: bench
bench: $(VENV)/.bench ## what the main path costs on this machine, beside bare crypto and other formats (BENCH chooses)
	@for part in $(BENCH); do $(BIN)/suar bench $$part; done

.PHONY: fuzz
fuzz: $(VENV)/.test ## hostile inputs of every type, signed again where that leads further (INPUTS, a million); bytes of a NATS server (WIRE_INPUTS)
	@$(BIN)/python tests/protocol/fuzz.py $(INPUTS)
	@PYTHONPATH=tests $(BIN)/python tests/support/hostile.py $(WIRE_INPUTS)

.PHONY: mutate
mutate: $(VENV)/.test ## take out one check of the protocol at a time: a test must fail for each (RULES chooses)
	@$(BIN)/python tests/protocol/mutate.py $(RULES)

.PHONY: lint
lint: $(VENV)/.test ## style, types, layers, spelling
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/ruff format --check --quiet $(CODE)
	@$(BIN)/mypy --strict
	@$(BIN)/lint-imports
	@$(BIN)/codespell $(PROSE)

.PHONY: fmt
fmt: $(VENV)/.test ## put the code into its format, and sort its imports
	@$(BIN)/ruff check --fix --quiet $(CODE)
	@$(BIN)/ruff format --quiet $(CODE)

.PHONY: catalogues
catalogues: $(VENV)/.test ## bring the catalogues up to date with the texts of the code; fails while one is to be translated
	@$(BIN)/python -m suar.languages.extract

.PHONY: lock
lock: $(VENV)/.test ## lock the requirements anew, keeping what still fits (UPGRADE=1 takes the newest)
	@$(LOCK) pyproject.toml requirements/dev.in --extra embedded --extra hsm --extra passkeys --extra postgresql -o requirements/test.txt
	@$(LOCK) pyproject.toml --extra embedded -c requirements/test.txt -o requirements/run.txt
	@$(LOCK) pyproject.toml --extra postgresql -c requirements/test.txt -o requirements/postgresql.txt
	@$(LOCK) pyproject.toml --extra hsm -c requirements/test.txt -o requirements/hsm.txt
	@$(LOCK) requirements/build.in -c requirements/test.txt -o requirements/build.txt
	@$(LOCK) requirements/bench.in -c requirements/test.txt -o requirements/bench.txt

.PHONY: standard
standard: $(VENV)/.test ## what is made of the message types and examples: schemas, reference pages, invalid examples
	@$(BIN)/suar schemas export -o schemas
	@PYTHONPATH=tests $(BIN)/python -m schemas.make_invalid

.PHONY: pages
pages: $(VENV)/.test ## the tables of the documents that are made from the code: kinds, scopes, checks
	@PYTHONPATH=tests $(BIN)/python -m support.pages

.PHONY: release
release: $(VENV)/.test ## keep the standard and the vectors of today as VERSION=n.n: what comes later must be additive
	@test -n '$(VERSION)' || { echo 'error: no version' >&2; echo 'hint: make release VERSION=1.1' >&2; exit 1; }
	@PYTHONPATH=tests $(BIN)/python -m schemas.make_release $(VERSION)

.PHONY: dist
dist: $(VENV)/.run ## build the wheel into dist/, to be installed outside the checkout (keys/playbooks/FOUNDING.md)
	@$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

.PHONY: bundle
bundle: $(VENV)/.test ## make the signed archive for machines without a network (KEY=release.key, NATS=archive NATS_SHA256=its sum)
	@test -n '$(KEY)' || { echo 'error: no key to sign with' >&2; echo 'hint: ssh-keygen -t ed25519 -f release.key; make bundle KEY=release.key' >&2; exit 1; }
	@$(BIN)/python deploy/make_bundle.py --key '$(KEY)' $(if $(NATS),--nats '$(NATS)' --nats-sha256 '$(NATS_SHA256)') $(BUNDLE_ARGS)

.PHONY: deb
deb: ## make a Debian package of a signed bundle (BUNDLE=dist/suar-VERSION-x86_64.tar SIGNERS=release.signers)
	@test -n '$(BUNDLE)' -a -n '$(SIGNERS)' || { echo 'error: no bundle, or no signers' >&2; echo 'hint: make bundle KEY=release.key; make deb BUNDLE=dist/suar-VERSION-x86_64.tar SIGNERS=release.signers' >&2; exit 1; }
	@/usr/bin/python3 deploy/make_deb.py '$(BUNDLE)' --signers '$(SIGNERS)' $(DEB_ARGS)

.PHONY: image
image: ## make what a container image is built from, of the Debian package (DEB=dist/suar_VERSION_amd64.deb)
	@test -n '$(DEB)' || { echo 'error: no package' >&2; echo 'hint: make deb BUNDLE=... SIGNERS=...; make image DEB=dist/suar_VERSION_amd64.deb' >&2; exit 1; }
	@/usr/bin/python3 deploy/make_image.py '$(DEB)'

.PHONY: clean
clean: ## remove .venv and what tools have left behind
	@rm -rf $(VENV) .nox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	@find gateway tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is a file of .venv, newer than what it was made from: the second run installs nothing.

$(VENV)/.build: requirements/build.txt
	@test -n '$(PYTHON)' || { echo 'error: no Python 3.11 or newer with venv on this machine' >&2; \
	  echo 'hint: install one (Debian: apt-get install python3-venv), or make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) -r requirements/build.txt
	@touch $@

# Build isolation would fetch build requirements that no hash covers.
$(VENV)/.run: $(VENV)/.build requirements/run.txt pyproject.toml
	@echo 'installing what suar needs' >&2
	@$(INSTALL) --no-build-isolation -r requirements/run.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	@echo 'installing what the tests need' >&2
	@$(INSTALL) --no-build-isolation -r requirements/test.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.run requirements/bench.txt
	@$(INSTALL) -r requirements/bench.txt
	@touch $@
