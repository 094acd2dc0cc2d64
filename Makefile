DATA ?= ../shared/data
PYTHON ?= $(shell for p in python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$p && break; done)
RUN := .venv/bin/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check
# Without an NVIDIA GPU the CPU build of torch will do, where pip can find one; `make demo TORCH=` takes the usual one.
TORCH ?= $(shell grep '^torch==' requirements.txt)$(if $(shell command -v nvidia-smi),,+cpu)
WILL_FETCH = about 420 MB, and several GB more where torch comes with CUDA
MORE_PHOTOS = $(addprefix --wallpapers ,$(wildcard build/wallpapers.parquet))
# Several processes test at the same time. A file stays in one, which starts its servers once; files are taken in the
# order of their names: those of the browser, which last longest, are among the first.
PYTEST := $(RUN) -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
SHIPPED := $(wildcard fingerprints registry demo zoo app.py)

.PHONY: help demo test test-all check locale screenshots bench bench-full registry zoo hub

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

demo: .venv/app.stamp ## Set up what is missing and open the app
	$(RUN) app.py

test: .venv/dev.stamp ## Set up what is missing and run the tests (TESTS=tests/zoo, TESTS='-k seed': some of them)
	$(PYTEST) $(TESTS)

test-all: .venv/dev.stamp ## The tests, slow ones included
	$(PYTEST) -m "" $(TESTS)

check: .venv/dev.stamp ## Lint, formatting and types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy $(SHIPPED)

locale: .venv/app.stamp ## Bring new sentences into demo/locale/*.po, to be translated (docs/languages.md)
	$(RUN) -m demo.language.updating

screenshots: .venv/dev.stamp ## Pictures of every page in every state, into build/screenshots, to be looked at
	$(RUN) -m tests.screenshots build/screenshots

bench: .venv/dev.stamp ## The quick tables, under 15 minutes (DATA=folder of the evaluation data)
	$(RUN) -m benchmarks.attribution --data $(DATA)/celeba64 --quick
	$(RUN) -m benchmarks.attribution --data $(DATA)/t2i --quick $(MORE_PHOTOS)
	$(RUN) -m benchmarks.contribution --data $(DATA)
	$(RUN) -m benchmarks.speed
	$(RUN) -m benchmarks.scale --quick
	$(RUN) -m benchmarks.cluster --images 300
	$(RUN) -m benchmarks.hub --quick

bench-full: .venv/dev.stamp ## All tables, with every generator left out in turn
	for group in celeba64 t2i cifar10 mnist; do \
		$(RUN) -m benchmarks.attribution --data $(DATA)/$$group $(MORE_PHOTOS) --json benchmarks/results/$$group.json || exit 1; done
	$(RUN) -m benchmarks.operating_point --data $(DATA)/t2i $(MORE_PHOTOS) --json benchmarks/results/operating_point.json
	$(RUN) -m benchmarks.field.unseen --data $(DATA)/t2i $(MORE_PHOTOS) --drawings --json benchmarks/results/field.json
	$(RUN) -m benchmarks.controls.saved_faces --data $(DATA)/celeba64 --json benchmarks/results/saved_faces.json
	$(RUN) -m benchmarks.controls.resaving --data $(DATA)
	$(RUN) -m benchmarks.controls.canonical_form --data $(DATA)
	$(RUN) -m benchmarks.stability --data $(DATA)/t2i --json benchmarks/results/stability.json
	$(RUN) -m benchmarks.newcomers --data $(DATA)/t2i $(MORE_PHOTOS) --json benchmarks/results/newcomers.json
	$(RUN) -m benchmarks.openset --data $(DATA)/t2i $(MORE_PHOTOS) --json benchmarks/results/openset.json
	$(RUN) -m benchmarks.ablation --data $(DATA)/t2i --json benchmarks/results/ablation.json
	$(RUN) -m benchmarks.contribution --data $(DATA)
	$(RUN) -m benchmarks.speed --json benchmarks/results/speed.json
	$(RUN) -m benchmarks.pages --json benchmarks/results/pages.json
	$(RUN) -m benchmarks.scale --json benchmarks/results/scale.json
	$(RUN) -m benchmarks.index --json benchmarks/results/index.json
	$(RUN) -m benchmarks.cluster --json benchmarks/results/cluster.json
	$(RUN) -m benchmarks.hostile --json benchmarks/results/safety.json
	$(RUN) -m benchmarks.hostile.visitors --json benchmarks/results/safety.json
	$(RUN) -m benchmarks.poison
	$(RUN) -m benchmarks.hub
	$(RUN) -m benchmarks.structure.zoo_attribution --data $(DATA) --json benchmarks/results/zoo.json
	$(RUN) -m benchmarks.structure --data $(DATA)
	$(RUN) -m benchmarks.paper --data $(DATA)

registry: .venv/app.stamp ## Build the embedded registry anew from the evaluation data
	$(RUN) -m zoo export build/zoo/samples --data $(DATA)
	$(RUN) -m registry.building.wallpapers build/wallpapers.parquet
	$(RUN) -m registry.building.embed --data $(DATA) --zoo build/zoo/samples --wallpapers build/wallpapers.parquet

zoo: .venv/app.stamp ## Train the small generators that are missing, some minutes each; an interruption loses half a minute
	$(RUN) -m zoo train --all --data $(DATA)

hub: .venv/app.stamp ## A Hugging Face Hub on this machine, to try sync, push, propose, review and merge without an account
	@$(RUN) -m loopback_hub

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "This project needs Python 3.11, and neither python3.11 nor python3 is one." \
		"Install it, or name it: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3.11"; exit 1; } >&2
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/app.stamp: requirements.txt | .venv/bin/python
	@echo "Installing what the app needs (once, some minutes): $(WILL_FETCH) ..."
	@$(if $(TORCH),$(PIP) --no-deps "$(TORCH)" 2> /dev/null || true)
	$(PIP) -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/app.stamp
	$(PIP) -r requirements-dev.txt
	@touch $@
