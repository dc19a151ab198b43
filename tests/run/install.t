#!/bin/bash
# What `make install` leaves: a library that pkg-config and the compiler find and a program
# runs with, the command, its manual and completions. `make uninstall` leaves nothing, and
# neither builds. SETUP is skipped: nothing is installed on the machine.
. "$(dirname "$0")/lib.sh"
export SETUP=skip
BUILD=${BUILD_ROOT:?}
prefix=$(meson introspect "$BUILD" --buildoptions | jq -r '.[] | select(.name == "prefix").value')
libdir=$(meson introspect "$BUILD" --buildoptions | jq -r '.[] | select(.name == "libdir").value')
root=$T/root
here=$root$prefix
make_() { make --no-print-directory -C "$SOURCE_ROOT" build="$BUILD" "$@"; }

# --- how a release build is configured ---------------------------------------------------
mkdir "$T/bin"
printf '#!/bin/sh\nexit 1\n' >"$T/bin/dpkg-architecture"
chmod +x "$T/bin/dpkg-architecture"
is 0 "a system without dpkg-dev" env PATH="$T/bin:$PATH" make --no-print-directory -C "$SOURCE_ROOT" \
	build="$T/release" configured
says_not "WARNING" "$T/out" "  meson has nothing to warn of"
# option NAME: of that build
option() { meson introspect "$T/release" --buildoptions | jq -r ".[] | select(.name == \"$1\").value"; }
equal "lib /usr/local" "$(option libdir) $(option prefix)" "  has its library where it is looked for"
equal "2 false" "$(option optimization) $(option debug)" "  is optimised"
is 0 "another prefix" make_ build="$T/release" prefix="$T/else" configured
equal "lib $T/else" "$(option libdir) $(option prefix)" "  is taken"
is 0 "make alone" make_ build="$T/release" configured
equal "lib $T/else" "$(option libdir) $(option prefix)" "  keeps it"
is 2 "nothing is built yet: no install" make_ build="$T/release" install
says "run 'make' first" "$T/err" "  says what to do"
equal "" "$(find "$T/release" -name '*.o')" "  and builds nothing"

# --- what is installed for it ------------------------------------------------------------
is 0 "what make and the demo need" env SETUP=list "$SOURCE_ROOT/tools/setup" build
says "^gcc$" "$T/out" "  has a compiler"
says_not "^(clang.*|valgrind|cppcheck|nginx-light|python3)$" "$T/out" "  and nothing that only the check needs"
is 0 "what make demo runs" env MAKEFLAGS= make -n --no-print-directory -C "$SOURCE_ROOT" demo
equal "tools/setup build" "$(grep -o 'tools/setup.*' "$T/out" | xargs)" "  installs that"
is 0 "what the check needs" env SETUP=list "$SOURCE_ROOT/tools/setup" check
says "^valgrind$" "$T/out" "  is more"

# --- what is left to do ------------------------------------------------------------------
# A place that nobody knows; meson and ldconfig are ours.
mkdir -p "$T/fake/meson-logs" "$T/own"
printf '%s\n' "-Dprefix=$T/alone" -Dlibdir=lib >"$T/fake/placed"
printf '#!/bin/sh\nexit 0\n' | tee "$T/fake/dreamq" >"$T/own/meson"
printf '#!/bin/sh\necho "asked: $*" >>"%s/loader"\ncat "%s/cache"\n' "$T" "$T" >"$T/own/ldconfig"
chmod +x "$T/fake/dreamq" "$T/own/meson" "$T/own/ldconfig"
: >"$T/cache"
install_alone() {
	env -u DESTDIR PATH="$T/own:$PATH" PKG_CONFIG_LIBDIR="$T/none" "$SOURCE_ROOT/tools/install" "$T/fake"
}
is 0 "installed where nobody looks" install_alone
says "run 'ldconfig' as root, with" "$T/out" "  the loader's cache is named"
says "LD_LIBRARY_PATH=$T/alone/lib$" "$T/out" "  and the way without it"
says "set PKG_CONFIG_PATH=$T/alone/lib/pkgconfig" "$T/out" "  so is that of pkg-config"
says "put '$T/alone/bin' into PATH" "$T/out" "  and of the shell"
says "'make uninstall' removes it" "$T/out" "  and the way back"
equal "$([ "$(id -u)" -ne 0 ] || echo 'asked: ')" "$(grep -v -- -p "$T/loader")" "  root has the cache renewed, and nobody else"
printf '\tlibdreamq.so.0 (libc6,x86-64) => %s/alone/lib/libdreamq.so.0\n' "$T" >"$T/cache"
is 0 "where the loader looks" install_alone
says_not ldconfig "$T/out" "  nothing is said of it"

# --- install -----------------------------------------------------------------------------
# The build under test; it was configured by hand.
kept=$(cat "$BUILD/placed" 2>/dev/null)
printf '%s\n' "-Dprefix=$prefix" "-Dlibdir=$libdir" >"$BUILD/placed"
is 2 "another prefix than the built one" make_ install prefix="$T/other"
says "make prefix=$T/other" "$T/err" "  has to be built"
touch -d '1 hour ago' "$T/old"
# newer: what was written since; the log of the tests that run beside this one grows meanwhile
newer() { find "$BUILD" -newer "$BUILD/placed" -type f ! -name 'testlog.*' | sort; }
newer >"$T/before"
is 0 "make install" make_ install DESTDIR="$root"
equal "$BUILD/installed $BUILD/meson-logs/install-log.txt" \
	"$(newer | comm -13 "$T/before" - | xargs)" \
	"  writes nothing into the build but what it has installed"
export PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_PATH=$here/$libdir/pkgconfig
export PKG_CONFIG_PATH
is 0 "pkg-config knows it" pkg-config --modversion dreamq
sanitized=
! is_instrumented "$here/bin/dreamq" || sanitized=-fsanitize=address,undefined
# shellcheck disable=SC2046
is 0 "a program is compiled and linked" cc -std=gnu17 -Wall -Werror -o "$T/fetch_one" \
	"$SOURCE_ROOT/examples/fetch_one.c" $(pkg-config --cflags --libs dreamq) $sanitized
start_emulator --time-scale 100
id=$(make_tasks '{"account":"tester","count":1,"prefix":"t","prompt":"a cat [items=1]","age_seconds":600}')
is 0 "  and runs" env LD_LIBRARY_PATH="$here/$libdir" "$T/fetch_one" "$id" "$T/files"
complete "$T/files" 1 "  and fetches"
# What dreamq.pc says that the archive needs; those are of the system, and not in $root.
libraries_of_archive() {
	# shellcheck disable=SC2046
	env -u PKG_CONFIG_SYSROOT_DIR pkg-config --libs \
		$(pkg-config --print-requires-private dreamq | cut -d ' ' -f 1)
}
# shellcheck disable=SC2046
is 0 "so does one with the archive" cc -std=gnu17 -o "$T/fetch_static" "$SOURCE_ROOT/examples/fetch_one.c" \
	$(pkg-config --cflags dreamq) "$here/$libdir/libdreamq.a" $(libraries_of_archive) -lm $sanitized
is 0 "the command" "$here/bin/dreamq" --version
equal "0" "$(readelf -d "$here/bin/dreamq" | grep -c "$BUILD")" "  remembers no folder of the build"
says '^\.TH DREAMQ 1' "$here/share/man/man1/dreamq.1" "its manual page is there"
if command -v man >/dev/null; then
	is 0 "  and man finds it" man -M "$here/share/man" -w dreamq
fi
for file in bash-completion/completions/dreamq zsh/site-functions/_dreamq fish/vendor_completions.d/dreamq.fish; do
	says "dreamq" "$here/share/$file" "completion: $file"
done
is 0 "the units for systemd name the installed program" \
	grep -q "^ExecStart=$prefix/bin/dreamq " "$here/lib/systemd/user/dreamq-watch.service"
if [ "$(id -u)" -eq 0 ]; then
	equal "" "$(find "$BUILD" -newer "$T/old" ! -user "$(stat -c %U "$BUILD")" -print -quit)" \
		"root leaves nothing in the build that its owner can't write"
fi
is 0 "again" make_ install DESTDIR="$root"

# --- uninstall ---------------------------------------------------------------------------
mkdir -p "$here/share/man/man1"
echo mine >"$here/share/man/man1/other.1"
is 0 "make uninstall" make_ uninstall DESTDIR="$root"
equal "$here/share/man/man1/other.1" "$(find "$root" -type f -o -type l)" "  leaves what is of others"
rm "$here/share/man/man1/other.1"
is 0 "and again, with nothing of others there" make_ uninstall DESTDIR="$root"
equal "" "$(find "$root" -mindepth 1 2>/dev/null)" "  leaves no folder"
if [ -n "$kept" ]; then printf '%s\n' "$kept" >"$BUILD/placed"; else rm -f "$BUILD/placed"; fi
rm -f "$BUILD/installed"
done_testing
