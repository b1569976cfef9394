# Two commands to know: `make demo` and `make test`. `make` alone lists the others.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev full bridge demo up down test check lint types format bench bench-models chaos lock clean

PYTHON ?= python3
SETUP := $(PYTHON) -I stack/environment.py
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE # where it is set, every process would compile numba, Faust and MLflow from source at every start

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## environment in .venv from the lock (PYTHON=python3.11 chooses the interpreter)
	@$(SETUP) core

setup-dev: ## the same with what tests and checks need
	@$(SETUP) dev

full: ## the same with what the profile full needs: MLflow, object store, Valkey
	@$(SETUP) full

bridge: ## the same with what `maint bridge` needs: MQTT, Sparkplug B, OPC UA
	@$(SETUP) bridge

demo: setup ## start everything, simulate a plant, show what happens (DEMO_SECONDS=60: end by itself)
	@$(BIN)/maint demo

up: setup ## start the stack in the background
	@$(BIN)/maint up --detach

down: setup ## stop the stack
	@$(BIN)/maint down

test: setup-dev ## every test, with a real broker and database
	@$(BIN)/pytest -n 2 --dist loadfile

check: lint types test ## all that must pass before a change lands

lint: setup-dev ## style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-dev ## types
	@$(BIN)/mypy .

format: setup-dev ## put the code into the house's format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup-dev ## measure throughput and latency (BENCH_JSON=FILE writes the figures)
	@$(BIN)/python -m bench

bench-models: setup-dev ## every model beside its baselines and the best published figure (DATA=FOLDER, BENCH_JSON=FILE)
	@$(BIN)/python -m models.bench $(or $(DATA),data)

chaos: setup-dev ## break everything under load for some minutes, then judge what is stored (BENCH_JSON=FILE)
	@$(BIN)/python -m bench.chaos

lock: setup-dev ## newest versions into the lock files; then run `make check`
	@$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-annotate --no-header -o requirements.lock pyproject.toml
	@for set in dev full bridge; do $(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-annotate --no-header \
		-c requirements.lock --extra $$set -o requirements-$$set.lock pyproject.toml; done
	@$(BIN)/python -m stack.lock

clean: ## remove the environment and all caches (not the data of instances: `maint down --purge`)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis bench/out
	@find . -name __pycache__ -prune -exec rm -rf {} +
