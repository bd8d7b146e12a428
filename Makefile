# Two commands on a fresh machine with Python and make: `make pipeline` and `make test`.

INTERVIEWS ?= data/sample/interviews
OUT        ?= output
# The sample's settings are for the sample alone: another folder of interviews is another study, with a key of its own.
MODEL      ?=
STUDY      ?= $(if $(filter data/sample/interviews,$(INTERVIEWS)),data/sample/study.yaml)
PYTHON     ?= python3
BIN        := .venv/bin
SETUP      := $(if $(filter deep,$(MODEL)),.venv/.deep,.venv/.run)

.DEFAULT_GOAL := help
.PHONY: help pipeline review retrain test check model corpus benchmark benchmark-classifier benchmark-loop benchmark-names clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'
	@echo
	@echo "  variables: INTERVIEWS=$(INTERVIEWS)  OUT=$(OUT)  STUDY=$(STUDY)  MODEL=fast|deep  PYTHON=$(PYTHON)"

pipeline: $(SETUP) ## code the interviews: make pipeline INTERVIEWS=folder OUT=folder STUDY=settings.yaml (MODEL=deep)
	@$(BIN)/codeboom run "$(INTERVIEWS)" --out "$(OUT)" $(if $(STUDY),--study "$(STUDY)") $(if $(MODEL),--model "$(MODEL)")

review: .venv/.run ## validate in the browser: make review OUT=folder (CODER=name, BLIND=yes for a second coding)
	@$(BIN)/codeboom review "$(OUT)" $(if $(STUDY),--study "$(STUDY)") $(if $(CODER),--coder "$(CODER)") $(if $(BLIND),--blind)

# Its last line codes again: done with the interviews of the sample, that would put those in her tables.
retrain: $(SETUP) ## train on what you validated, and code again what you did not: make retrain INTERVIEWS=folder OUT=folder STUDY=settings.yaml
	@$(if $(and $(filter-out output output/,$(OUT)),$(filter file,$(origin INTERVIEWS))),echo "Give INTERVIEWS=folder too: with OUT alone the sample would be coded again." >&2; exit 2)
	@$(BIN)/codeboom retrain "$(OUT)" $(if $(STUDY),--study "$(STUDY)") $(if $(MODEL),--model "$(MODEL)")
	@$(BIN)/codeboom run "$(INTERVIEWS)" --out "$(OUT)" $(if $(STUDY),--study "$(STUDY)") $(if $(MODEL),--model "$(MODEL)")

test: .venv/.dev ## run the tests
	@$(BIN)/pytest

check: .venv/.dev ## style, types and the sample corpus
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/codeboom corpus check

model: .venv/.dev $(if $(filter deep,$(MODEL)),.venv/.deep) ## train the shipped model again on the sample, with its card (MODEL=deep: that one, on the fast one)
	@$(BIN)/python models/$(if $(filter deep,$(MODEL)),deep_model.py,build_model.py)

corpus: .venv/.dev ## make the sample's transcripts and gold codings again from the manuscripts
	@$(BIN)/python data/sample/build.py

benchmark-names: .venv/.dev ## measure how well names are found, beside deduce (in an environment of its own)
	@test -x .venv-deduce/bin/python || { $(PYTHON) -m venv .venv-deduce && .venv-deduce/bin/python -m pip install -q deduce==3.0.6; }
	@$(BIN)/python benchmarks/names.py

benchmark-classifier: .venv/.dev ## measure the models beside everything they have to beat: half an hour, docs/classifier.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,deep,benchmark]'
	@$(BIN)/python -m benchmarks.classifier.main

benchmark-loop: .venv/.dev ## replay the sample as if validated interview by interview: what retraining brings
	@$(BIN)/python benchmarks/loop.py

benchmark: .venv/.dev ## measure speed on this machine
	@$(BIN)/python benchmarks/pipeline.py && $(BIN)/python benchmarks/encoder.py && $(BIN)/python benchmarks/qda.py

clean: ## remove the virtual environment and caches; never results or keys
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Set up once, and again only when the list of packages changes.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Codeboom needs Python 3.11 or newer: make PYTHON=python3.12"; exit 2; }
	@echo "Setting up: about a minute, only this once."
	@$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . && touch $@

.venv/.deep: .venv/bin/python pyproject.toml
	@echo "Setting up the model deep: torch, and Gemma, to which Gemma's own terms of use apply (ai.google.dev/gemma/terms)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[deep]' && touch .venv/.run $@

.venv/.dev: .venv/bin/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' && touch .venv/.run $@
