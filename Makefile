# Susa. `make` says what can be made. Needed on the machine: Python 3.11 or newer with its venv
# module, make and a C library; everything else comes from requirements.lock, by hash.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test lint types fmt migrate year bench soak lock clean

# Paths are relative and programs are run as modules, so a moved clone keeps its .venv.
VENV := .venv
READY := $(VENV)/.from-lock
PY := $(VENV)/bin/python
SUSA := $(VENV)/bin/susa
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
# Each of the many processes of a run would compile a thousand modules again, for two seconds.
unexport PYTHONDONTWRITEBYTECODE
# ARGS goes to the program behind a target, as in `make test ARGS="-k nearest -x"`.
ARGS :=
# Processes of `make test`, each with a PostgreSQL of its own: one waits while two compute.
JOBS := 3

help:  ## this list
	@echo 'Susa: the targets of this Makefile'
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1|\2/p' Makefile \
	| while IFS='|' read -r target what; do printf '%-14s %s\n' "$$target" "$$what"; done
	@echo 'Variables: ARGS (to the program), JOBS (of test), PYTHON (the interpreter of .venv), SUSA_PORT, SUSA_HOME'

run: $(READY)  ## install, start Susa with a seeded province and a small year; serve on port 8000
	$(SUSA) up --demo $(ARGS)

test: $(READY)  ## every test, on embedded PostgreSQL (some 10 minutes on 2 cores)
	$(PY) -m pytest -n $(JOBS) $(ARGS)

lint: $(READY)  ## ruff's rules and format, and which package may import which
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))'

types: $(READY)  ## mypy, strict
	$(PY) -m mypy $(ARGS)

fmt: $(READY)  ## format, and mend what ruff can mend
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

migrate: $(READY)  ## create the databases and roles that are missing, bring every schema to head
	$(SUSA) migrate $(ARGS)

year: $(READY)  ## send a synthetic year through the public API; needs Susa running
	$(SUSA) year $(ARGS)

bench: $(READY)  ## speed beside a reference, both sides in one run; prints, asserts nothing
	$(PY) -m bench $(ARGS)

soak: $(READY)  ## the tests marked soak, at the full counts of their issue (long)
	SUSA_SOAK=1 SUSA_PATIENCE=1 $(PY) -m pytest -m soak $(ARGS)

lock:  ## write requirements.lock anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo 'make lock needs uv on the PATH' >&2; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --extra dev $(ARGS) pyproject.toml -o requirements.lock

clean:  ## remove .venv and what the tools keep; the data in .susa stays
	rm -rf $(VENV) .hypothesis .mypy_cache .ruff_cache .import_linter_cache .schemathesis
	find services shared migrations tests bench sdk -name __pycache__ -prune -exec rm -rf {} + \
	  2>/dev/null || true

# The project itself is not installed: a .pth line puts the clone on the path, so no build back end
# is needed, and `susa` is a line of shell.
$(READY): requirements.lock
	@set -eu; found=; seen=; bare=; \
	for python in $(PYTHONS); do \
	  version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) \
	    || continue; \
	  seen="$$seen $$python ($$version)"; \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue; \
	  $$python -c 'import ensurepip, venv' 2>/dev/null || { bare="$$bare $$python"; continue; }; \
	  found=$$python; break; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
	  echo "Susa: no venv module in:$$bare. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	  exit 1; \
	elif [ -z "$$found" ]; then \
	  echo "Susa needs Python 3.11 or newer. Found:$${seen:- none}." >&2; \
	  echo "Install one, or name it: make PYTHON=/path/to/python3.12 …" >&2; \
	  exit 1; \
	fi; \
	echo "Installing what requirements.lock names into $(VENV), with $$found ($$version):" \
	  'about a minute'; \
	$$found -m venv --clear $(VENV)
	@$(PY) -m pip install -qq --disable-pip-version-check --require-hashes \
	  --only-binary=:all: -r requirements.lock
	@site=$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
	&& printf '%s\n' ../../../.. ../../../../sdk >"$$site/susa.pth" \
	&& printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -P -m services.cli "$$@"\n' >$(SUSA) \
	&& chmod +x $(SUSA)
	@touch $@
