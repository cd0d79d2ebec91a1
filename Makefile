# make run    the demo shop on http://127.0.0.1:8000 (or PORT), as production serves it
# make dev    the same, reloading on change, with the debug toolbar
# make test   all tests
# make lint   all other gates
# make prove  what takes too long for that: the shop is broken on purpose, and its books looked at
#
# DATABASE_URL names a PostgreSQL to use; without it, an embedded one is started.

UV = 0.13.9
BIN = .venv/bin
TEST_PROCESSES ?= 2

# Some machines set it. Then nothing compiled is kept, and each start compiles Django anew: three
# times the work.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run dev test prove lint format install chromium clean

run: install
	@exec $(BIN)/python -m shop.serve

dev: install
	@exec $(BIN)/python -m shop.serve --dev

test: install chromium
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) $(ARGS)

prove: install
	@$(BIN)/python -m tests.proving $(ARGS)

lint: install
	@.ci/lint $(BIN)

format: install
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .
	@find templates */templates -name '*.html' 2>/dev/null | xargs $(BIN)/djade --target-version 6.1

install: .venv/installed

# uv takes seconds where pip takes minutes, and pip knows more about proxies and certificates.
.venv/installed: requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# The first Python of at least 3.12 that works, wherever it comes from. A name may be found and
# still not run: pyenv has a shim for every version it ever saw.
$(BIN)/python:
	@for python in "$$PYTHON" python3.13 python3.12 python3.14 python3 python \
	    $$HOME/.pyenv/versions/3.13*/bin/python $$HOME/.pyenv/versions/3.12*/bin/python; do \
	  if "$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; \
	  then echo "Making .venv with $$($$python --version) …"; exec "$$python" -m venv .venv; fi; \
	done; \
	if command -v uv >/dev/null; then exec uv venv --quiet --seed --python '>=3.12' .venv; fi; \
	echo "The shop needs Python 3.12 or newer, with venv. Name one: PYTHON=/path/to/python3.13 make run" >&2; \
	exit 1

# Tests that need a browser are skipped without one. The shell is Chromium without its windows: it
# opens a page in half the time.
chromium:
	@test -x "$$CHROMIUM" || command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || \
	command -v chromium-browser >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium …"; \
	  apt-get -qq update && apt-get -qq install -y --no-install-recommends \
	    chromium-headless-shell fonts-liberation fonts-noto-core fonts-noto-color-emoji >/dev/null; \
	else echo "Browser tests are skipped: install Chromium, such as with sudo apt install chromium."; fi

clean:
	rm -rf .venv staticfiles .mypy_cache .pytest_cache .ruff_cache .hypothesis
