# `make demo` and `make test` install what is missing, build, and run; every other target is for those who work on Sluice.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 30
export JOBS TESTS  # TESTS: more arguments for ctest, read by tools/test

# npm and pnpm keep their caches in the home directory; some build users have none.
ifeq ($(shell test -n "$$HOME" && test -w "$$HOME" && echo writable),)
export HOME := $(CURDIR)/build/home
$(shell mkdir -p $(HOME))
endif

# ccache when it is there; the first configuration of a build directory decides.
ccache := $(shell command -v ccache)
ifneq ($(ccache),)
export CMAKE_C_COMPILER_LAUNCHER ?= $(ccache)
export CMAKE_CXX_COMPILER_LAUNCHER ?= $(ccache)
endif

# A preset, more arguments for the build, more for the configuration.
build = cmake --preset $(1) --log-level=WARNING $(3) && cmake --build --preset $(1) --parallel $(JOBS) $(2)

.PHONY: help setup build-setup dev-setup demo test release dev asan tsan clang fuzz bench package format clean

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 16

demo: setup release  ## a walk through a migration, from schema to database, on a real server
	tools/demo

test: dev  ## all tests
	tools/test dev

release: build-setup  ## build/release/sluice
	$(call build,release,--target sluice_cli)

dev: setup  ## debug build in build/dev
	$(call build,dev)

asan: dev-setup  ## built by clang: unit and case tests under the address and undefined behaviour sanitizers
	$(call build,asan)
	tools/test asan -L '^(unit|case)$$'

tsan: dev-setup  ## built by clang: unit, case and server tests under the thread sanitizer
	$(call build,tsan)
	tools/test tsan -L '^(unit|case|server)$$'

clang: dev-setup  ## built by clang with clang-tidy; a finding is an error
	$(call build,clang)

fuzz: dev-setup  ## every fuzz target for FUZZ_SECONDS, in the build of `make asan`
	$(call build,asan)
	tools/fuzz $(FUZZ_SECONDS)

bench: setup release  ## times and memory against drizzle-kit, as a table
	bench/run

package: dev-setup  ## the Debian packages and an archive of the program, in build/package
	$(call build,release,--target sluice_cli,-D SLUICE_FAT_OBJECTS=ON)
	cpack --config build/release/CPackConfig.cmake -G DEB -B build/package
	cpack --config build/release/CPackConfig.cmake -G TGZ -B build/package -D CPACK_COMPONENTS_ALL=program

format: dev-setup  ## format the C++ sources
	tools/format

clean:
	rm -rf build

setup:
	@tools/setup

build-setup:
	@tools/setup --build

dev-setup:
	@tools/setup --dev
