# Two commands matter: `make run` and `make test`. Both start from a bare Debian 12 or Ubuntu 24.04
# with git, make and python3, as root or with sudo. `make help` lists the rest.

SHELL := /bin/sh
PY := .venv/bin
CODE := callcenter ivr messaging nlp agent_console migrations tests

.DEFAULT_GOAL := help
.PHONY: help run setup test check format bench doctor bootstrap

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: bootstrap ## set up what is missing and start the hotline with the demo city (Ctrl+C ends it)
	@exec $(PY)/callcenter up

setup: bootstrap ## install and build whatever is missing, start nothing
	@exec $(PY)/callcenter setup

test: bootstrap ## set up, then everything: lint, types, architecture, unit, PostgreSQL, end to end
	@$(PY)/callcenter setup --tests
	@exec bin/test

check: bootstrap ## the fast part: lint, format, types, import rules, tests that need only Python
	@exec bin/test -q -m "not asterisk and not browser and not postgres"

format: bootstrap ## write the house format into every Python file
	@$(PY)/ruff check --fix $(CODE)
	@$(PY)/ruff format $(CODE)

bench: bootstrap ## measured ratios against panoramisk and a plain dialplan
	@$(PY)/callcenter setup --tests
	@exec $(PY)/pytest -q -s -o python_files='bench_*.py' -o timeout=900 tests/bench

doctor: bootstrap ## what is broken, and how to mend it
	@exec $(PY)/callcenter doctor

bootstrap:
	@bin/bootstrap
