# The commands of this repository. Each sets up its own virtual environment first, from the locks alone.
#
#   make run      start Evenhand with its demonstration on http://127.0.0.1:8000; BROKER=embedded: and a NATS server
#   make test     run every test, shared out over two workers, each with a database server of its own; WORKERS=0: in one
#   make check    format, lint, types and import contracts
#   make bench    measure the service beside its peers; BENCH_OPTIONS=--quick for small sizes
#   make soak     five years of a thousand cases; random trouble for the read models, for SOAK_MINUTES (3);
#                 killed subscribers that follow SOAK_EVENTS (1,000,000), and SOAK_CALLS (50,000) more;
#                 then killed publishers to the broker, for SOAK_ROUNDS (5)

# Another Python: make PYTHON=python3.12 run
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2

# A virtual environment would be put aside by either of these, and pip asked for a newer pip at every install.
unexport PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# A machine where root borrows somebody's home has no use for the warning about it: nothing leaves .venv.
export PIP_ROOT_USER_ACTION := ignore

.PHONY: run test check bench soak clauses clauses-mutate lock clean
.DELETE_ON_ERROR:

# `exec`, so that Ctrl-C and signals reach the service itself.
run: .venv/.runtime
	@$(if $(BROKER),EVENHAND_BROKER='$(BROKER)') exec $(BIN)/evenhand demo

test: .venv/.development
	@exec $(BIN)/pytest --numprocesses=$(WORKERS) --dist=loadfile

check: .venv/.development
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/.development
	@exec $(BIN)/python -m tests.benchmarks $(BENCH_OPTIONS)

soak: .venv/.development
	@$(BIN)/python -m tests.soak.five_years 1000 $(SOAK_SEED)
	@$(BIN)/python -m tests.soak $(SOAK_SEED)
	@$(BIN)/python -m tests.soak.following $(SOAK_SEED)
	@exec $(BIN)/python -m tests.soak.publishing $(SOAK_SEED)

clauses: .venv/.development
	@exec $(BIN)/python -m tests.clauses

clauses-mutate: .venv/.development
	@exec $(BIN)/python -m tests.clauses mutate

# The locks hold versions and hashes, and no address that anything was downloaded from.
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: .venv/.development
	@$(COMPILE) $(LOCK_OPTIONS) --output-file=requirements.lock requirements.in
	@$(COMPILE) $(LOCK_OPTIONS) --output-file=requirements-dev.lock requirements-dev.in

clean:
	@rm -rf .venv .venv.lock build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two makes at once must not fill one environment: the second waits for the first, then finds its work done.
# File descriptor 9 is the shell's, so the lock taken through it lasts until the shell ends.
define enter
	set -eu; \
	command -v $(PYTHON) >/dev/null || { \
		echo "Evenhand needs Python 3.11 or newer, and there is no $(PYTHON) here: install it, or name one, as in 'make PYTHON=/path/to/python3 $(MAKECMDGOALS)'." >&2; exit 1; }; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Evenhand needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1): install a newer one, or name one, as in 'make PYTHON=python3.12 $(MAKECMDGOALS)'." >&2; exit 1; }; \
	$(PYTHON) -c 'import venv' 2>/dev/null || { \
		echo "Evenhand sets up a virtual environment, and $(PYTHON) has no module venv: install it (Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }; \
	exec 9>>.venv.lock; \
	$(PYTHON) -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'; \
	done=yes; for need in $^; do [ $@ -nt $$need ] || done=no; done; \
	if [ $$done = yes ]; then exit 0; fi
endef

# Debian's Python may lack ensurepip: then the system's own pip fills the environment from outside.
PIP = $$($(BIN)/python -c 'import pip' 2>/dev/null && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python)

.venv/.runtime: requirements.lock pyproject.toml
	@$(enter); \
	echo "Setting up .venv from requirements.lock (once)." >&2; \
	if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
			$(PYTHON) -m venv --clear .venv; \
		elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
			$(PYTHON) -m venv --clear --without-pip .venv; \
		else \
			echo "Evenhand installs its dependencies with pip, and $(PYTHON) has neither pip nor ensurepip: install one (Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; \
		fi; \
	fi; \
	pip="$(PIP)"; \
	$$pip install --quiet --require-hashes --requirement requirements.lock; \
	$$pip install --quiet --no-deps --no-build-isolation --editable .; \
	touch $@

.venv/.development: requirements-dev.lock .venv/.runtime
	@$(enter); \
	echo "Adding the tools of requirements-dev.lock to .venv (once)." >&2; \
	pip="$(PIP)"; \
	$$pip install --quiet --require-hashes --requirement requirements-dev.lock; \
	touch $@
