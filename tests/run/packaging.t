#!/bin/bash
# What packages are made of fits what there is: debian/ takes each installed file once, its
# symbols are those of the library, every list has the same version, and the recipes for other
# systems are what their own tools can read. tools/torture packages builds and installs them.
. "$(dirname "$0")/lib.sh"
BUILD=${BUILD_ROOT:?}
cd "$SOURCE_ROOT" || exit 1

# --- debian/ -----------------------------------------------------------------------------
# What meson installs, as if below /usr; links as it says them.
prefix=$(meson introspect "$BUILD" --buildoptions | jq -r '.[] | select(.name == "prefix").value')
# Files by their introspection; a folder stands for what is in it. The library's names for
# the loader and the linker are links that meson makes beside it.
meson introspect "$BUILD" --installed | jq -r '.[]' | sed "s|^$prefix/|usr/|" >"$T/plain"
{
	cat "$T/plain"
	sed -n 's|\.so\.0\..*$|.so|p' "$T/plain" | sed 'p; s|$|.0|'
} | sed 's|/\(x86_64-linux-gnu/\)\{0,1\}\(libdreamq\)|/ARCH/\2|; s|/\(x86_64-linux-gnu/\)\{0,1\}pkgconfig|/ARCH/pkgconfig|' |
	sort -u >"$T/installed"
while read -r what _; do
	taken=
	while read -r path; do
		# shellcheck disable=SC2254
		case $path in
		$what | ${what%/}/*) echo "$path" >>"$T/taken" && taken=yes ;;
		esac
	done <"$T/installed"
	[ -n "$taken" ] || echo "nothing is '$what'"
done < <(cat debian/*.install) >"$T/idle"
equal "" "$(cat "$T/idle")" "each row of debian/*.install takes something that is installed"
equal "$(cat "$T/installed")" "$(sort "$T/taken")" "  and all is taken, once"
for file in $(cat debian/*.docs debian/*.examples); do
	[ -e "$file" ] || echo "$file"
done >"$T/gone"
equal "" "$(cat "$T/gone")" "documents and examples of the packages are there"
nm -D --defined-only "$BUILD/libdreamq.so" | sed -n 's/.* [TDBR] \(dq_.*\)/\1/p' | sort >"$T/names"
at_least 60 "$(wc -l <"$T/names")" "the library has names"
equal "$(cat "$T/names")" "$(sed -n 's/^ \(dq_[^@]*\)@Base .*/\1/p' debian/libdreamq0.symbols | sort)" \
	"  which debian/libdreamq0.symbols knows (make && tools/deb --symbols)"

# --- versions ----------------------------------------------------------------------------
version=$(meson introspect "$BUILD" --projectinfo | jq -r .version)
equal "$version" "$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)" "debian/changelog is of this version"
equal "$version" "$(grep -m 1 -E '^[0-9]+\.[0-9]+\.[0-9]+$' NEWS)" "so is NEWS"
equal "dreamq $version" "$("$DREAMQ" version)" "and the program"

# --- what tools/deb does to a folder -------------------------------------------------------
mkdir -p "$T/bin" "$T/debs/kept"
printf '#!/bin/sh\nexit 1\n' >"$T/bin/dpkg-buildpackage"
chmod +x "$T/bin/dpkg-buildpackage"
touch "$T/debs/photo.png" "$T/debs/other_1.deb" "$T/debs/dreamq_0.0.1_amd64.deb"
is 1 "tools/deb whose build fails" env PATH="$T/bin:$PATH" tools/deb "$T/debs"
equal "kept other_1.deb photo.png" "$(cd "$T/debs" && ls -d kept *.png *.deb | xargs)" "  has removed nothing but its own"
is 2 "an option that there is not" tools/deb --help

# --- the tarball -------------------------------------------------------------------------
export DIST_URL=https://example.org/dreamq DIST_LEVEL=0
is 0 "make dist" tools/dist "$T/dist"
is 0 "  its sums are right" env -C "$T/dist" sha256sum -c --quiet SHA256SUMS
cp "$T/dist/SHA256SUMS" "$T/sums"
is 0 "  again, elsewhere on earth" env TZ=Asia/Shanghai LC_ALL=C.UTF-8 bash -c 'umask 077; tools/dist "$1"' - "$T/dist"
equal "$(cat "$T/sums")" "$(cat "$T/dist/SHA256SUMS")" "  gives the same bytes"
tar -C "$T" -xJf "$T/dist/dreamq-$version.tar.xz"
is 0 "  its bill of materials follows SPDX 2.3, and is that of its files" \
	python3 tests/kit/spdx_rules.py "$T/dist/dreamq-$version.spdx.json" "$T/dreamq-$version"
equal "" "$(cd "$T/dreamq-$version" && tools/dist --files | tr '\0' '\n' | LC_ALL=C sort |
	diff - <(find . -type f -printf '%P\n' | LC_ALL=C sort))" "  it knows its own files without git"
echo spoilt >>"$T/dreamq-$version/README.md"
is 1 "  a file that is another one is told" \
	python3 tests/kit/spdx_rules.py "$T/dist/dreamq-$version.spdx.json" "$T/dreamq-$version"

# --- recipes for other systems, each read by what Debian has for it ----------------------
# reads TOOL LABEL COMMAND...: with that tool, where it is installed
reads() {
	local tool=$1
	shift
	if command -v "$tool" >/dev/null; then is 0 "$@"; else skip "$1" "$tool is not installed"; fi
}
recipes=$T/dist/recipes
equal "" "$(grep -n '@[A-Z_]*@' "$recipes"/*)" "nothing in the recipes is left open"
reads rpmspec "RPM: the spec is read by rpmspec" rpmspec --parse "$recipes/dreamq.spec"
reads rpmlint "  and by rpmlint" rpmlint -r contrib/rpm/rpmlintrc "$recipes/dreamq.spec"
reads ruby "Homebrew: the formula is Ruby" ruby -c "$recipes/dreamq.rb"
is 0 "AUR: PKGBUILD is bash" bash -n "$recipes/PKGBUILD"
reads shellcheck "  which shellcheck reads" shellcheck -s bash -e SC2034,SC2154 "$recipes/PKGBUILD"
mkdir "$T/aur"
cp "$recipes/PKGBUILD" "$T/aur"
chmod -R a+rwX "$T" "$T/aur"
as_user=
[ "$(id -u)" -ne 0 ] || as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
# shellcheck disable=SC2086 # makepkg refuses root, and asks for a pacman
reads makepkg "  and makepkg" env -C "$T/aur" PACMAN=true $as_user makepkg --printsrcinfo
# shellcheck disable=SC2094
reads nix-instantiate "Nix: the expression is read" env NIX_STATE_DIR="$T/nix" NIX_STORE_DIR="$T/nix/store" \
	NIX_LOG_DIR="$T/nix/log" nix-instantiate --parse contrib/nix/default.nix
# No linter of Dockerfiles is in Debian: each line is an instruction that Docker has, or goes on.
equal "" "$(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' -e '/^#/d; /^$/d' contrib/docker/Dockerfile |
	grep -vE '^(FROM [a-z:-]+( AS [a-z]+)?|(COPY|WORKDIR|RUN|ENV|USER|VOLUME|ENTRYPOINT|CMD) [^ ].*)$')" \
	"Docker: the Dockerfile has only instructions"
done_testing
