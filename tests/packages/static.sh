#!/bin/bash
# The static program in an empty folder as its root: no library, no shell, only certificates
# and what says where names are looked for. It does the main job over HTTPS, knows whom not to
# trust, and finds a host by a name server. Prints its size and its start beside the other one's.
#
#     tools/torture static
. "$SOURCE_ROOT/tests/run/lib.sh"
cd "$SOURCE_ROOT" || exit 1
[ "$(id -u)" -eq 0 ] || {
	echo "1..0 # SKIP only root may have another root"
	exit 0
}
is 0 "make static" tools/static
static=$PWD/build/static/dreamq
equal "" "$(readelf -dlW "$static" | grep -E 'NEEDED|INTERP')" "it asks for no library and no loader"
equal 1 "$(readelf -lW "$static" | grep -cE 'GNU_STACK.* RW ')" "  its stack can't be run"
equal 1 "$(readelf -hW "$static" | grep -c 'Type: *DYN')" "  and it lies at random addresses"

# --- an empty root -----------------------------------------------------------------------
start_emulator --tls --cert-file "$T/emulator.pem" --time-scale 50 --clock real
port=$(cat "$T/port")
root=$T/root
mkdir -p "$root/etc/ssl/certs" "$root/home" "$root/tmp"
cp "$static" "$root/dreamq"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
cp "$T/emulator.pem" "$root/etc/ssl/certs/ca-certificates.crt"
chmod 755 "$T" "$root"
chown 1000:1000 "$root/home"
# there [NAME=VALUE...] VERB...: in that root, as somebody
there() {
	local more=()
	while [[ $1 = *=* ]]; do
		more+=("$1")
		shift
	done
	env -i HOME=/home DREAMQ_API_BASE="https://localhost:$port" DREAMQ_SUBMIT_BASE="https://localhost:$port" \
		"${more[@]}" /usr/sbin/chroot --userspec=1000:1000 "$root" /dreamq "$@"
}
echo sessionid=static >"$T/cookie.txt"
is 0 "a cookie is kept" bash -c "$(declare -f there); root=$root port=$port; there auth import <$T/cookie.txt"
is 0 "an account is asked for" there auth status --json
valid "$T/out" "  and answers"
is 0 "submit over HTTPS" there submit --prompt 'a cat [items=2]'
id=$(cat "$T/out")
is 0 "  get" there get --interval 500ms --max-wait 60s --output-dir /home/files "$id"
complete "$root/home/files" 2 "  brings its files"
is 0 "  query" there query --json "$id"
valid "$T/out" "  tells of it"
is 0 "  verify" there verify
is 0 "Chinese: without words and a locale" there LANG=zh_CN.UTF-8 DREAMQ_LOCALEDIR=/locale help
says 'usage' "$T/out" "  it is English"
mkdir -p "$root/locale/zh_CN/LC_MESSAGES"
msgfmt -o "$root/locale/zh_CN/LC_MESSAGES/dreamq.mo" po/zh_CN.po
mkdir -p "$root/usr/lib/locale"
cp -r /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
is 0 "  with them" there LANG=zh_CN.UTF-8 DREAMQ_LOCALEDIR=/locale help
says '用法' "$T/out" "  it is Chinese"
is 0 "version --json" there version --json
valid "$T/out" "  says what is in it"
equal "false true" "$(jq -r '"\(.keyring) \(.curl.http2)"' "$T/out")" "  no keyring, but HTTP/2"

# --- whom it trusts, and whom it asks ----------------------------------------------------
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=stranger -keyout "$T/key" -out "$T/stranger.pem" 2>/dev/null
cp "$T/stranger.pem" "$root/etc/ssl/certs/ca-certificates.crt"
is 5 "a certificate of strangers is refused" there query "$id"
says "certificate" "$T/err" "  with that word"
cp "$T/emulator.pem" "$root/own.pem"
is 0 "  SSL_CERT_FILE names another file" there SSL_CERT_FILE=/own.pem query "$id"
rm "$root/etc/ssl/certs/ca-certificates.crt"
is 5 "no certificates at all" there query "$id"
says "CA file" "$T/err" "  are missed"
cp "$T/emulator.pem" "$root/etc/ssl/certs/ca-certificates.crt"
python3 "${0%/*}/names.py" 127.77.0.53 127.0.0.1 >"$T/names" &
names_pid=$!
eventually 10 test -s "$T/names"
printf 'nameserver %s\n' "$(head -n 1 "$T/names")" >"$root/etc/resolv.conf"
is 5 "a host that only a name server knows" there DREAMQ_API_BASE="https://api.dreamq.test:$port" query "$id"
says "certificate" "$T/err" "  is found: its certificate is of another name"
says '^api\.dreamq\.test' "$T/names" "  the name server was asked"
kill "$names_pid"

# --- size and start ----------------------------------------------------------------------
# start PROGRAM VERB: milliseconds of one start, the best of five times twenty
start_ms() {
	python3 - "$@" <<-'END'
		import subprocess, sys, time
		def twenty():
		    begin = time.perf_counter()
		    for _ in range(20):
		        subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
		    return (time.perf_counter() - begin) / 20 * 1000
		print(f"{min(twenty() for _ in range(5)):.2f}")
	END
}
for program in "$static" "$DREAMQ"; do
	printf '# %-10s %9d bytes; version %s ms, list %s ms\n' "$([ "$program" = "$static" ] && echo static || echo dynamic)" \
		"$(stat -c %s "$program")" "$(start_ms "$program" version)" "$(start_ms "$program" list)"
done
at_least "$(stat -c %s "$static")" 10000000 "it is smaller than 10 MB"
done_testing
