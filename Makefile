# mho: `make run` shows what it does, `make test` proves it, `make help` lists the rest.

CC       ?= cc
PREFIX   ?= /usr/local
CONFIG   ?= configs/quickstart.yaml
FLAVOUR  ?= release
WERROR   ?= $(if $(CI),-Werror,)
PACKAGES := gsl sqlite3 yaml-0.1 libprotobuf-c libzip zlib liblzma jansson libxxhash openblas
# Debian packages of everything above, the tools of the build, and the test images.
DEBIAN   := $(shell sed -e 's/\#.*//' deps.txt 2>/dev/null)

ifeq ($(FLAVOUR),release)
BUILD := build
else
BUILD := build-$(FLAVOUR)
endif

WARN  := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes $(WERROR)
FLAGS_release := -O3
FLAGS_asan    := -O1 -fsanitize=address -fno-omit-frame-pointer
FLAGS_ubsan   := -O1 -fsanitize=undefined -fno-sanitize-recover=all
FLAGS_cov     := -O1 --coverage
FLAGS_clang   := -O3

# Missing packages give a clear error from `make deps`, not a wall of shell errors from here.
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs-only-L --libs-only-l $(filter-out gsl,$(PACKAGES)) 2>/dev/null) -lgsl
# -ffp-contract=off: the same bytes from every compiler and instruction set; the other two change no
# result, but let square roots and comparisons be vectors.
CFLAGS   ?= -g
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE $(FLAGS_$(FLAVOUR)) $(WARN) -ffp-contract=off -fno-math-errno -fno-trapping-math -fopenmp -I. -I$(BUILD)/gen \
              $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(FLAGS_$(FLAVOUR)) -fopenmp $(LDFLAGS)
LIBS := $(PKG_LIBS) -lm

ROOMS   := sim/base sim/config sim/network sim/engine sim/chip sim/time sim/cost sim/run sim/select sim/tune sim/expression sim/repro sim/sweep sim/search sim/screen sim/plot sim/cli $(patsubst %/.,%,$(wildcard sim/cli/*/.)) crossbar peripherals pruning mapping results
SOURCES := $(foreach room,$(ROOMS),$(wildcard $(room)/*.c))
MAIN    := sim/cli/main.c
LIBRARY := $(filter-out $(MAIN),$(SOURCES))
TESTS   := $(wildcard tests/test_*.c) $(wildcard tests/support/*.c)
BENCHES := $(wildcard tests/bench/*.c) tests/support/points.c
TOOLS   := npy_diff
OBJECTS := $(LIBRARY:%.c=$(BUILD)/%.o) $(BUILD)/gen/onnx.pb-c.o $(BUILD)/gen/schema.o $(BUILD)/gen/views.o $(BUILD)/gen/version.o

# Everything that the tests need, built by as many jobs as there are processors unless -j says otherwise.
SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))
TESTED  = all tests

.PHONY: all tests run test test-models test-prune test-notebooks test-cluster bench asan ubsan clang cov install uninstall docs format deps clean help lint FORCE
.DELETE_ON_ERROR:

all: $(BUILD)/mho ## build build/mho

tests: $(BUILD)/tests/mho-tests $(BUILD)/tests/mho-bench $(TOOLS:%=$(BUILD)/tests/%)

run: deps ## install what is missing, build, run the embedded example (CONFIG=FILE for another)
	@[ -e $(BUILD)/mho ] || echo "building $(BUILD)/mho" >&2
	@$(SUBMAKE) -s all
	@$(BUILD)/mho run $(CONFIG)

test: deps ## install what is missing, build, run all tests (under 5 minutes)
	@$(SUBMAKE) -s $(TESTED)
	@tests/run_all.sh $(BUILD)

test-models: deps ## all 10,000 images of every int8 model in ../shared/models, and float ones quantised
	@$(SUBMAKE) -s $(TESTED)
	@tests/models.sh $(BUILD) 10000

test-prune: deps ## what pruning with reconstruction loses on three networks, beside its limits (an hour)
	@$(SUBMAKE) -s all
	@tests/prune_table.sh $(BUILD)

test-notebooks: deps ## the notebooks of results/notebooks, on small databases
	@$(SUBMAKE) -s all
	@tests/notebooks.sh $(BUILD)

test-cluster: deps ## a sweep on a Slurm of four nodes on this host, one of which dies (root; slurm-wlm, munge)
	@$(SUBMAKE) -s all
	@tests/cluster/cluster_test.sh $(BUILD)/mho

bench: deps ## time the hot paths against their own references
	@$(SUBMAKE) -s all $(BUILD)/tests/mho-bench
	@$(BUILD)/tests/mho-bench

asan ubsan: deps ## the same tests under a sanitizer
	@$(SUBMAKE) -s FLAVOUR=$@ $(TESTED)
	@tests/run_all.sh build-$@

clang: deps ## the same tests, everything compiled by clang
	@$(SUBMAKE) -s FLAVOUR=$@ CC=clang $(TESTED)
	@tests/run_all.sh build-$@

cov: deps ## line coverage of the tests, by room
	@$(SUBMAKE) -s FLAVOUR=cov $(TESTED)
	@tests/coverage.sh build-cov

install: all ## install below PREFIX (/usr/local)
	install -Dm755 $(BUILD)/mho $(DESTDIR)$(PREFIX)/bin/mho
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/man/man1 docs/man/*.1
	install -d $(DESTDIR)$(PREFIX)/share/mho
	cp -R configs $(DESTDIR)$(PREFIX)/share/mho/

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/mho $(patsubst docs/man/%,$(DESTDIR)$(PREFIX)/share/man/man1/%,$(wildcard docs/man/*.1))
	rm -rf $(DESTDIR)$(PREFIX)/share/mho

docs: all ## refresh what the documents quote of the program, and check them
	@docs/refresh.sh $(BUILD)
	@docs/check.sh $(BUILD)

format: ## clang-format every source file
	clang-format -i $(SOURCES) $(wildcard $(addsuffix /*.h,$(ROOMS))) $(wildcard $(addsuffix /*.h,tests tests/*)) \
	  tests/main.c $(TESTS) $(TOOLS:%=tests/tools/%.c) $(BENCHES)

lint: ## floors, lengths, headers, format of the sources
	@tests/lint.sh

deps: ## install missing Debian packages
	@tests/deps.sh $(DEBIAN)

clean: ## remove everything that was built
	rm -rf build build-*

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z -]*:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

$(BUILD)/mho: $(BUILD)/sim/cli/main.o $(BUILD)/libmho.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libmho.a: $(OBJECTS)
	@rm -f $@
	ar qcs $@ $^

$(BUILD)/tests/mho-tests: $(TESTS:%.c=$(BUILD)/%.o) $(BUILD)/tests/main.o $(BUILD)/libmho.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcunit $(LIBS)

$(TOOLS:%=$(BUILD)/tests/%): $(BUILD)/tests/%: $(BUILD)/tests/tools/%.o
	$(CC) $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/mho-bench: $(BENCHES:%.c=$(BUILD)/%.o) $(BUILD)/libmho.a
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Kernels for one instruction set live in files named after it and are chosen at run time.
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
$(BUILD)/%_avx512.o: ARCH_FLAGS := -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mavx2 -mfma -mbmi2 -mpopcnt -mprefer-vector-width=512
$(BUILD)/%_amx.o: ARCH_FLAGS := -mamx-tile -mamx-int8 -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mavx512vbmi -mavx512bitalg -mgfni -mavx2 -mbmi2 -mpopcnt -mprefer-vector-width=512
$(BUILD)/%_avx2.o: ARCH_FLAGS := -mavx2 -mfma -mbmi2 -mpopcnt
endif

$(BUILD)/%.o: %.c | $(BUILD)/gen/onnx.pb-c.h $(BUILD)/gen/suites.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ARCH_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(CC) $(ALL_CFLAGS) -w -c -o $@ $<

$(BUILD)/gen/onnx.pb-c.c $(BUILD)/gen/onnx.pb-c.h &: sim/network/onnx.proto
	@mkdir -p $(BUILD)/gen
	protoc-c --c_out=$(BUILD)/gen --proto_path=sim/network sim/network/onnx.proto

# Schema and views as strings, so that the binary needs no file to create a database.
$(BUILD)/gen/schema.c $(BUILD)/gen/views.c: $(BUILD)/gen/%.c: results/%.sql
	@mkdir -p $(@D)
	{ echo 'extern const char store_$*_sql[];'; echo 'const char store_$*_sql[] ='; \
	  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $<; echo ';'; } > $@

# One line for each test file: its suite is named after it.
$(BUILD)/gen/suites.h: $(wildcard tests/test_*.c)
	@mkdir -p $(@D)
	@for f in $(sort $(patsubst tests/test_%.c,%,$(wildcard tests/test_*.c))); do echo "SUITE($$f)"; done > $@

# Version and commit, rewritten only when they change.
VERSION := 0.1.0
COMMIT   = $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)$(shell git diff --quiet HEAD 2>/dev/null || echo -dirty)
$(BUILD)/gen/version.c: FORCE
	@mkdir -p $(@D)
	@printf 'const char mho_version[] = "%s";\nconst char mho_commit[] = "%s";\n' '$(VERSION)' '$(COMMIT)' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
