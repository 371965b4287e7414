# `make run` talks to the coach; `make test` checks everything. Each sets up .venv first, and again only when a lock changes.
.DEFAULT_GOAL := help
.PHONY: help run serve test fuzz check fix bundle load lock setup-run setup-serve setup-dev clean

BIN := .venv/bin
# What the checks read: every root that exists (infra/ comes later than the rest).
SOURCES := $(wildcard lambda simulator tools tests infra webservice)
UV_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST)

run: setup-run ## talk to the coach in this terminal (ARGS="--fast" passes options on)
	@$(BIN)/stretch-coach talk $(ARGS)

serve: setup-serve ## the skill as a web service on loopback, behind your TLS proxy: docs/self-host.md (ARGS="--insecure-local")
	@$(BIN)/stretch-coach serve $(ARGS)

test: check ## every check and every test; needs no account and changes nothing (PYTEST_ARGS="-k pause" narrows)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --cov $(PYTEST_ARGS)

fuzz: setup-dev ## send 200,000 hostile requests to the skill (RUNS=…, SEED=… repeats a run); findings land in .cache/fuzz
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --no-deps \
		-r requirements/fuzz.txt 2>/dev/null || echo "fuzz: no atheris for this Python, so it is random"
	@$(BIN)/python -m tests.fuzz $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED))

check: setup-dev ## formatting, lint, types, import rules, content and generated files; changes nothing
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tools check

fix: setup-dev ## format, and mend what ruff can mend
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

bundle: setup-run ## build build/lambda/ and its zip: what runs on AWS, and how large it is
	@$(BIN)/python -m tools bundle

pace: setup-dev ## render counts on every voice, measure them in the audio, and write docs/pace.md and docs/pace.png
	@$(BIN)/python -m tools pace

load: setup-dev ## load the web service over loopback with signed requests, and write docs/load.md and docs/load.png
	@$(BIN)/python -m tools load $(ARGS)

lock: setup-dev ## write requirements/*.txt from *.in, keeping what still fits (UPGRADE="--upgrade" moves on)
	@cd requirements && for name in run serve lambda runtime dev ministack infra fuzz; do \
		case $$name in serve|lambda|runtime) same="--constraint run.txt";; dev) same="--constraint serve.txt";; infra) same="--constraint dev.txt";; *) same="";; esac; \
		../$(UV_LOCK) $(UPGRADE) $$same --output-file $$name.txt $$name.in || exit 1; \
	done

setup-run:
	@scripts/setup run

setup-serve:
	@scripts/setup serve

setup-dev:
	@scripts/setup dev

clean: ## remove what set-up, builds and tests have made (never the state of your talks)
	rm -rf .venv .cache build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
