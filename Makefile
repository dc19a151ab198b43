# Short names for what meson and tools/ do. `make` alone builds build/dreamq.
prefix = /usr/local

.PHONY: all setup dev demo check bench bench-polling torture install clean

all:
	@tools/setup build
	@test -f build/build.ninja || meson setup build --buildtype=release -Doptimization=2 \
		-Dtests=disabled -Dprefix=$(prefix)
	@ninja -C build

# Everything that building, the demo and the checks need; quick when it is there.
setup:
	@tools/setup

# For those who change it: every finding of a sanitizer is fatal.
dev:
	@tools/setup
	@test -f build-dev/build.ninja || meson setup build-dev -Db_sanitize=address,undefined
	@ninja -C build-dev

demo: setup all
	@tools/demo

check: setup
	@tools/check

bench: setup all
	@tools/bench

# When to look, on a virtual clock: no network, no emulator, the same tables everywhere.
bench-polling: setup all
	@build/tools/polling/bench-polling

torture: setup all
	@tools/torture

install: all
	@meson configure build -Dprefix=$(prefix)
	@meson install -C build

clean:
	rm -rf build build-dev build-check
