# `make run` talks to the coach; `make test` checks everything. Each sets up .venv first, and again only when a lock changes.
.DEFAULT_GOAL := help
.PHONY: help run speaker serve test test-cloud test-setup fuzz check fix bundle deploy cdk pace load lock clean \
	setup-run setup-serve setup-dev setup-test setup-cloud setup-fuzz

BIN := .venv/bin
SOURCES := lambda content_reader simulator sound understanding tools bench tests infra webservice
# jsii warns of every Node older than the newest; the number is the major version it may be.
CDK_NODE := JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20
CDK = cd infra && $(CDK_NODE) PATH="$(CURDIR)/$(BIN):$$PATH" node "$$(../$(BIN)/python -m tools fetch --where aws-cdk)/aws-cdk/bin/cdk"

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST)

run: setup-run ## talk to the coach in this terminal (ARGS="--fast" passes options on)
	@$(BIN)/stretch-coach talk $(ARGS)

speaker: setup-test ## a speaker with a screen in your browser, with a voice (ARGS="--port 9000" passes options on)
	@$(BIN)/stretch-coach speaker $(ARGS)

serve: setup-serve ## the skill as a web service on loopback, behind your TLS proxy: docs/self-host.md (ARGS="--insecure-local")
	@$(BIN)/stretch-coach serve $(ARGS)

# Three runs: tracing every line for coverage would slow down the tests that start servers and voices or check whole
# trees, and the core has to be covered by its own tests anyway; a browser that plays a talk in real time wants the
# machine to itself.
SLOWEST := --durations 20 --durations-min 2
UNTRACED := tests/unit/test_check_slips.py tests/unit/test_broken_files.py
OTHERS := $(filter-out $(foreach name,unit dialogues infra browser setup __pycache__,tests/$(name)/),$(wildcard tests/*/))
test: setup-test check ## every check and every test; needs no account and changes nothing (PYTEST_ARGS="-k pause" narrows)
	@$(BIN)/python -m pytest $(SLOWEST) -n 2 --dist loadgroup --cov=lambda $(UNTRACED:%=--ignore %) tests/unit tests/dialogues \
		$(PYTEST_ARGS)
	@$(BIN)/python -m pytest $(SLOWEST) -n 2 --dist loadgroup $(OTHERS) tests/setup/test_lasting.py $(UNTRACED) $(PYTEST_ARGS)
	@$(BIN)/python -m pytest $(SLOWEST) tests/browser $(PYTEST_ARGS)

test-setup: setup-test ## set-up in clean places: every Python, killed, offline, twice at once, a bare Debian (six minutes)
	@$(BIN)/python -m pytest $(SLOWEST) tests/setup $(PYTEST_ARGS)

fuzz: setup-fuzz ## send 200,000 hostile requests to the skill (RUNS=…, SEED=… repeats a run); findings land in .cache/fuzz
	@$(BIN)/python -m tests.fuzz $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED))

test-cloud: setup-cloud ## deploy to an AWS emulator with the CDK and talk to what runs there; templates and their types
	@$(BIN)/mypy --cache-dir .cache/mypy-infra infra tests/infra
	@$(CDK_NODE) $(BIN)/python -m pytest --confcutdir tests/infra tests/infra $(PYTEST_ARGS)

check: setup-dev ## content, generated files, formatting, lint, types, import rules, unused code; changes nothing
	@$(BIN)/python -m tools check --all

fix: setup-dev ## format, and mend what ruff can mend
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

bundle: setup-run ## build build/lambda/ and its zip: what runs on AWS, and how large it is
	@$(BIN)/python -m tools bundle

deploy: bundle setup-cloud ## deploy the skill to your AWS account: docs/operate.md (ARGS="-c skill_id=amzn1.ask.skill.…")
	@$(CDK) deploy --all $(ARGS)

cdk: bundle setup-cloud ## any other command of the CDK's (ARGS="diff", ARGS="destroy --all")
	@$(CDK) $(ARGS)

pace: setup-test ## render counts on every voice, measure them in the audio, and write docs/pace.md and docs/pace.png
	@$(BIN)/python -m bench pace

load: setup-test ## load the web service over loopback with signed requests, and write docs/load.md and docs/load.png
	@$(BIN)/python -m bench load $(ARGS)

lock: setup-run ## write uv.lock from pyproject.toml, keeping what still fits (UPGRADE="--upgrade" moves on)
	@$(BIN)/python -m tools lock $(UPGRADE)

setup-run setup-serve setup-dev setup-test setup-cloud setup-fuzz:
	@scripts/setup $(@:setup-%=%)

clean: ## remove what set-up, builds and tests have made (never the state of your talks)
	rm -rf .venv .cache build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
