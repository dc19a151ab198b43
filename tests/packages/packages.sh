#!/bin/bash
# The packages, built twice and read by lintian; then in a fresh Debian 12: installed, upgraded
# from a lower version, used for the main job by a user, removed and purged; in a second one, dreamq
# alone. As root, with mmdebstrap and a mirror; the folders are in $T, and mounts in a
# namespace that ends with us.
#
#     tools/torture packages
#
# A base that is there already: BASE_TAR=FILE, as `mmdebstrap --variant=minbase bookworm FILE` writes it.
. "$SOURCE_ROOT/tests/run/lib.sh"
cd "$SOURCE_ROOT" || exit 1
[ "$(id -u)" -eq 0 ] || {
	echo "1..0 # SKIP only root may make a fresh Debian"
	exit 0
}
packages="dreamq dreamq-emulator libdreamq0 libdreamq-dev"

# inside COMMAND...: in the fresh Debian, as root; with /proc, which is mounted for that long
inside() {
	unshare --mount --pid --fork --kill-child bash -c '
		mount -t proc proc "$1/proc" || exit 1
		root=$1
		shift
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"' - "$root" "$@"
}
as_user() { inside setpriv --reuid=1000 --regid=1000 --clear-groups env HOME=/home/me "$@"; }
apt_() { inside apt-get -qq -y -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"; }
packages_of() { (cd "$root/debs" && printf '/debs/%s\n' "$1"/*.deb); }
# fresh NAME: from now on, `inside` is a root of its own, which has the packages in /debs.
fresh() {
	root=$T/$1
	mkdir -p "$root"
	tar -C "$root" -xpf "$BASE_TAR"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	mkdir -p "$root/debs" "$root/home/me"
	cp -r "$T/one" "$T/lower" debian/tests "$root/debs/"
	chown 1000:1000 "$root/home/me"
	is 0 "  which finds its mirror" apt_ update
	everything >"$T/before"
}
# nothing_left PACKAGE...: is purged, and the root is as it was
nothing_left() {
	is 0 "purged" apt_ purge "$@"
	is 0 "  with what came along" apt_ autoremove --purge
	everything >"$T/after"
	equal "" "$(diff "$T/before" "$T/after")" "nothing is left"
	equal "" "$(inside dpkg-query -W -f '${Package}\n' $packages 2>/dev/null)" "  and nothing remembered"
}
# Everything that a package could have brought or changed.
everything() {
	(cd "$root" && find . -xdev \( -path ./proc -o -path ./tmp -o -path ./debs -o -path ./home -o -path ./var/cache \
		-o -path ./var/lib/apt -o -path ./var/log -o -path ./var/lib/dpkg \) -prune -o -printf '%M %P %l\n' |
		grep -v ' etc/ld.so.cache ' | sort)
}

# --- built twice -------------------------------------------------------------------------
is 0 "make deb" tools/deb "$T/one"
is 0 "  and again" tools/deb "$T/two"
sums() { (cd "$1" && sha256sum -- *.deb *.dsc *.tar.xz); }
equal "$(sums "$T/one")" "$(sums "$T/two")" "  gives the same bytes"
is 0 "lintian has nothing to say" lintian --no-cfg --allow-root -i -E --pedantic \
	--fail-on error,warning,info,pedantic "$T"/one/*.changes
grep -E '^[EWIPX]:' "$T/out" | sed 's/^/# /'
rm "$T"/one/*dbgsym*

# --- lower ones, to upgrade from ---------------------------------------------------------
mkdir "$T/lower"
for deb in "$T"/one/*.deb; do
	dpkg-deb -R "$deb" "$T/open"
	version=$(sed -n 's/^Version: //p' "$T/open/DEBIAN/control")
	sed -i "s/^Version: .*/Version: 0.0.1/; s/(= $version)/(= 0.0.1)/" "$T/open/DEBIAN/control"
	dpkg-deb -b "$T/open" "$T/lower" >/dev/null
	rm -r "$T/open"
done
equal 4 "$(find "$T/lower" -name '*_0.0.1_*.deb' | wc -l)" "packages of a lower version"

# --- a fresh Debian ----------------------------------------------------------------------
if [ -z "${BASE_TAR-}" ]; then
	BASE_TAR=$T/base.tar
	is 0 "a fresh Debian 12" mmdebstrap --quiet --variant=minbase bookworm "$BASE_TAR"
fi
fresh all
# shellcheck disable=SC2046
is 0 "a lower version is installed" apt_ --no-install-recommends install $(packages_of lower)
as_user sh -c 'mkdir -p /home/me/.config/dreamq && dreamq list >/dev/null' || not_ok "it runs"
# shellcheck disable=SC2046
is 0 "and upgraded" apt_ --no-install-recommends install $(packages_of one)
equal "$version" "$(inside dpkg-query -W -f '${Version}\n' $packages | sort -u)" "  all of them"
equal "" "$(inside dpkg --verify $packages)" "  whole"
is 0 "the main job, as a user" as_user sh /debs/tests/main-job
is 0 "a program with the library: its compiler comes" apt_ --no-install-recommends install gcc libc6-dev pkg-config
is 0 "  it is compiled, and runs" as_user sh /debs/tests/library
if inside dreamq help doctor >/dev/null 2>&1; then
	as_user dreamq doctor >"$T/out" 2>&1
	between 0 $? 1 "dreamq doctor"
	sed 's/^/# /' "$T/out"
fi
is 0 "its manual, completions, units and words are there" inside sh -c 'cd /usr && ls share/man/man1/dreamq.1.gz \
	share/man/man1/dreamq-emulator.1.gz share/bash-completion/completions/dreamq share/zsh/vendor-completions/_dreamq \
	share/fish/vendor_completions.d/dreamq.fish lib/systemd/user/dreamq-watch.service \
	lib/systemd/user/dreamq-watch@.service share/locale/zh_CN/LC_MESSAGES/dreamq.mo \
	share/dreamq/skills/dreamina-query-result/SKILL.md'
is 0 "  nothing follows tasks before somebody says so" inside sh -c '! find /etc/systemd -name "*dreamq*" | grep .'
# shellcheck disable=SC2086
nothing_left $packages gcc libc6-dev pkg-config

# --- the program alone, in another -------------------------------------------------------
echo "# a second fresh Debian 12, for dreamq and what it depends on"
fresh alone
is 0 "dreamq alone" apt_ --no-install-recommends install "/debs/one/dreamq_${version}_$(dpkg --print-architecture).deb"
equal "" "$(inside sh -c 'command -v dreamq-emulator')" "  without the emulator"
as_user dreamq doctor >"$T/out" 2>&1
equal 1 $? "  its doctor runs, and finds that no cookie is here"
says "cookie" "$T/out" "  as it says"
is 0 "  what needs no service works" as_user sh -c 'dreamq list && dreamq stats >/dev/null && dreamq version --json'
nothing_left dreamq
equal "" "$(grep -F "$T" /proc/mounts)" "nothing is mounted"
done_testing
