# Two commands for a newcomer, `make run` and `make test`, and the rest of a developer's day. `make` alone lists them.
# Each installs what is missing (Debian 12), configures and builds what isn't up to date; only make itself must be there.

ARGS ?= coin
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
TESTS_AT_ONCE ?= $(shell expr $(JOBS) + 2)
SECONDS ?= 60
SEEDS ?= 100000
build = @cmake --build --preset $(1) --parallel $(JOBS)

.PHONY: help run serve test science soak tsan bench bench-trust bench-trust-long peers fuzz format install packages clean setup setup-test setup-bench setup-peers setup-fuzz setup-format setup-package

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

run: build/release/build.ninja ## run a deployment: coin, or ARGS="job --seed 3", ARGS=--help
	$(call build,release) --target ammo
	@build/release/ammo run $(ARGS)

serve: build/release/build.ninja ## serve a deployment on http://127.0.0.1:8088: coin, or ARGS="all --people 100"
	$(call build,release) --target ammo
	@build/release/ammo serve $(ARGS)

test: setup-test build/dev/build.ninja build/release/build.ninja ## all tests but the long ones; minds, bodies, codec and parsers under sanitizers
	$(call build,dev)
	@ctest --preset dev --parallel $(JOBS)
	$(call build,release)
	@ctest --preset release --parallel $(TESTS_AT_ONCE) # many wait for a database, or a deadline

science: setup-test build/release/build.ninja ## the long tests: statistics of many seeds, and a host that builds the whole library
	$(call build,release)
	@ctest --preset science --parallel $(JOBS)

soak: setup-test build/release/build.ninja ## 100,000 faults of files under a state, SEEDS=100000 simulated clusters: some half hour
	$(call build,release) --target test_store test_sim
	@build/release/tests/test_store "[soak]"
	@AMMO_SEEDS=$(SEEDS) build/release/tests/test_sim "[soak]"

tsan: setup-test build/tsan/build.ninja ## all tests, under the thread sanitizer
	$(call build,tsan)
	@ctest --preset tsan --parallel $(JOBS)

bench: build/bench/build.ninja ## build the benchmarks and list them
	$(call build,bench)
	@find build/bench/bench -maxdepth 1 -type f -executable

bench-trust: build/bench/build.ninja ## what a host can rely on under load, in figures (JSON); bench-trust-long: with 1,000,000 users
	$(call build,bench) --target bench_trust
	@build/bench/bench/bench_trust

bench-trust-long: build/bench/build.ninja
	$(call build,bench) --target bench_trust
	@build/bench/bench/bench_trust --users 1000000 --seconds 20 --wide

peers: ARGS =
peers: build/bench/build.ninja build/peers/ready ## Vowpal Wabbit, MABWiser and numpy beside the default, from PyPI; ARGS="--worlds linear", ARGS=--help
	$(call build,bench) --target bench_people
	@build/peers/bin/python bench/peers/peers.py $(ARGS)

fuzz: build/fuzz/build.ninja ## look for bytes that break the decoder, the gateway or a link, for SECONDS=60 each; what is found stays in build/fuzz
	$(call build,fuzz) --target fuzz_decode fuzz_web fuzz_link
	@mkdir -p build/fuzz/corpus build/fuzz/corpus_web build/fuzz/corpus_link
	@for seed in tests/fuzz/corpus/decode/*.hex tests/wire/golden/*/*.hex; do \
	  tr -d '[:space:]' < $$seed | tr a-f A-F | basenc --base16 -d > build/fuzz/corpus/$$(basename $$seed .hex); done
	@cp tests/fuzz/corpus/web/* build/fuzz/corpus_web
	@for seed in tests/fuzz/corpus/link/*.hex; do \
	  tr -d '[:space:]' < $$seed | tr a-f A-F | basenc --base16 -d > build/fuzz/corpus_link/$$(basename $$seed .hex); done
	@build/fuzz/tests/fuzz_decode -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=512 \
	  -artifact_prefix=build/fuzz/ build/fuzz/corpus
	@build/fuzz/tests/fuzz_web -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=512 \
	  -artifact_prefix=build/fuzz/ build/fuzz/corpus_web
	@build/fuzz/tests/fuzz_link -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=512 \
	  -artifact_prefix=build/fuzz/ build/fuzz/corpus_link

format: | setup-format ## format all sources with clang-format-16, as the tests check
	@find actors bench examples runtime subspaces tests -name '*.[ch]pp' -print0 | xargs -0 clang-format-16 -i

install: build/release/build.ninja ## install the library, its CMake package and the ammo command into PREFIX=/usr/local
	$(call build,release) --target ammo
	@cmake --install build/release --prefix $(PREFIX)

packages: build/package/build.ninja ## make Debian packages of the command, the library and its development files, in build/package
	$(call build,package)
	@cd build/package && rm -f *.deb && cpack -G DEB && ls -l *.deb

clean: ## remove everything that was built
	rm -rf build

build/%/build.ninja: CMakePresets.json | setup
	@cmake --preset $*
	@touch $@

build/bench/build.ninja: | setup-bench

build/peers/ready: bench/peers/requirements.txt | setup-peers
	@python3 -m venv build/peers
	@build/peers/bin/pip install -q -r $<
	@touch $@

build/fuzz/build.ninja: | setup-fuzz
build/package/build.ninja: | setup-package

setup:
	@cmake/setup build

setup-test:
	@cmake/setup build test

setup-bench:
	@cmake/setup bench

setup-peers:
	@cmake/setup peers

setup-package:
	@cmake/setup package

setup-fuzz:
	@cmake/setup fuzz

setup-format:
	@cmake/setup format
