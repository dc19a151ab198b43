# Short names for what meson and tools/ do. `make` alone builds build/dreamq.
#
#     make prefix=$HOME/.local       another place than /usr/local, told when building
#     make install DESTDIR=/tmp/pkg  for packages: below this folder
prefix = /usr/local
libdir = lib
build = build
DESTDIR =

.PHONY: all configured setup dev demo docs check bench bench-polling torture install uninstall \
	deb dist static clean

all: configured
	@ninja -C '$(build)'

# `lib` is where the loader and pkg-config of Debian look below /usr/local; what meson
# takes by itself depends on whether dpkg-dev is there.
configured:
	@tools/setup build
	@tools/configure '$(build)' '$(origin prefix):$(prefix)' '$(origin libdir):$(libdir)'

# Everything that building, the demo and the checks need; quick when it is there.
setup:
	@tools/setup check

# For those who change it: every finding of a sanitizer is fatal.
dev: setup
	@test -f build-dev/build.ninja || meson setup build-dev -Db_sanitize=address,undefined \
		-Dc_args=-fno-sanitize-recover=undefined
	@ninja -C build-dev

demo: all
	@tools/demo

check: setup
	@tools/check

# Minutes; `tools/bench_files.py --help` tells how to have less of it.
bench: all
	@tools/setup bench
	@tools/bench

# When to look, on a virtual clock: no network, no emulator, the same tables everywhere.
bench-polling: all
	@build/tools/polling/bench-polling

torture: setup all
	@tools/torture

# Neither builds anything: `make` first, then `sudo make install`.
install:
	@DESTDIR='$(DESTDIR)' tools/install '$(build)' '$(origin prefix):$(prefix)'

uninstall:
	@DESTDIR='$(DESTDIR)' tools/install --remove '$(build)'

# For others: packages of Debian, a tarball, one program that needs no library of the system.
deb:
	@tools/setup package
	@tools/deb

dist:
	@tools/dist

static:
	@tools/setup static
	@tools/static

# The pages of docs/, and those that the program makes, as a site without scripts.
docs: setup all
	@tools/site --dreamq '$(build)/dreamq' '$(build)/site'

clean:
	rm -rf build build-dev build-check
