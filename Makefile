# `make run` talks to the coach; `make test` checks everything. Each sets up .venv first, and again only when a lock changes.
.DEFAULT_GOAL := help
.PHONY: help run speaker serve test test-cloud fuzz check fix bundle deploy cdk load lock setup-run setup-serve setup-dev setup-infra clean

BIN := .venv/bin
# What the checks read. The types of infra/ need the CDK, so `make test-cloud` checks those.
SOURCES := $(wildcard lambda simulator tools tests infra webservice)
UV_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"
INFRA := .cache/infra-venv/bin
# jsii warns of every Node older than the newest; the number is the major version it may be.
CDK_NODE := JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20
CDK = cd infra && $(CDK_NODE) PATH="$(CURDIR)/$(INFRA):$$PATH" node ../.cache/aws-cdk/package/bin/cdk

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST)

run: setup-run ## talk to the coach in this terminal (ARGS="--fast" passes options on)
	@$(BIN)/stretch-coach talk $(ARGS)

speaker: setup-dev ## a speaker with a screen in your browser, with a voice (ARGS="--port 9000" passes options on)
	@$(BIN)/stretch-coach speaker $(ARGS)

serve: setup-serve ## the skill as a web service on loopback, behind your TLS proxy: docs/self-host.md (ARGS="--insecure-local")
	@$(BIN)/stretch-coach serve $(ARGS)

# Three runs: tracing every line for coverage would slow down the tests that start servers and voices, and the core has to
# be covered by its own tests anyway; a browser that plays a talk in real time wants the machine to itself.
test: check ## every check and every test; needs no account and changes nothing (PYTEST_ARGS="-k pause" narrows)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --cov=lambda tests/unit tests/dialogues $(PYTEST_ARGS)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore tests/unit --ignore tests/dialogues --ignore tests/infra \
		--ignore tests/browser $(PYTEST_ARGS)
	@$(BIN)/python -m pytest tests/browser $(PYTEST_ARGS)

fuzz: setup-dev ## send 200,000 hostile requests to the skill (RUNS=…, SEED=… repeats a run); findings land in .cache/fuzz
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --no-deps \
		-r requirements/fuzz.txt 2>/dev/null || echo "fuzz: no atheris for this Python, so it is random"
	@$(BIN)/python -m tests.fuzz $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED))

test-cloud: setup-dev setup-infra ## deploy to an AWS emulator with the CDK and talk to what runs there; templates and their types
	@$(BIN)/mypy --cache-dir .cache/mypy-infra --python-executable $(INFRA)/python infra tests/infra
	@$(CDK_NODE) $(INFRA)/python -m pytest --confcutdir tests/infra tests/infra $(PYTEST_ARGS)

check: setup-dev ## formatting, lint, types, import rules, content and generated files; changes nothing
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy --exclude '^tests/infra/' $(filter-out infra,$(SOURCES))
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tools check

fix: setup-dev ## format, and mend what ruff can mend
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

bundle: setup-run ## build build/lambda/ and its zip: what runs on AWS, and how large it is
	@$(BIN)/python -m tools bundle

deploy: bundle setup-infra ## deploy the skill to your AWS account: docs/operate.md (ARGS="-c skill_id=amzn1.ask.skill.…")
	@$(CDK) deploy --all $(ARGS)

cdk: bundle setup-infra ## any other command of the CDK's (ARGS="diff", ARGS="destroy --all")
	@$(CDK) $(ARGS)

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

setup-infra: setup-dev
	@scripts/setup-infra

clean: ## remove what set-up, builds and tests have made (never the state of your talks)
	rm -rf .venv .cache build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
