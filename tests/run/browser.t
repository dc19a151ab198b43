#!/bin/bash
# 'auth import --from-browser': databases as Firefox and Chromium have them, with what is wrong
# with them; only this service's cookies are taken, and no value is ever shown.
. "$(dirname "$0")/lib.sh"
children=()
clean_up() {
	status=$?
	[ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2>/dev/null
	(exit $status)
	finish
}
trap clean_up EXIT
unset XDG_CONFIG_HOME XDG_STATE_HOME
export XDG_RUNTIME_DIR=$T/run
mkdir -p "$T/run" && chmod 700 "$T/run"
canary=canary0browser7e57
cookie=$HOME/.config/dreamq/cookies/default.cookie
make() { python3 "$SOURCE_ROOT/tests/kit/browsers.py" "$@"; }
import() { "$DREAMQ" auth import --from-browser "$@"; }
# none LABEL: nothing of a cookie was said, and no copy is left
none() {
	says_not "$canary" "$T/out" "$1: nothing of it on standard output"
	says_not "$canary" "$T/err" "  nor on the other"
	equal "" "$(find "$T/run" -name 'dreamq-*')" "  and no copy is left"
}

# --- none there
is 2 "no Firefox" import firefox
says "no profile of Firefox was found" "$T/err" "  says so"
is 2 "no such browser" import netscape
says "firefox, chromium, chrome, edge, brave" "$T/err" "  names those that there are"
is 2 "no name of a profile" import firefox:
is 2 "an empty name" import ""
is 2 "a file, too" import firefox "$T/x"
is 2 "status takes no browser" "$DREAMQ" auth status --from-browser firefox
is 2 "no HOME" env -u HOME "$DREAMQ" auth import --from-browser firefox --cookie-file "$T/c" --ledger "$T/l"

# --- Firefox
fox=$HOME/.mozilla/firefox
make firefox "$fox/abc.default-release" "$canary-main" wal
make firefox "$fox/def.work" "$canary-work" newer
make firefox "$fox/ghi.boxes" "$canary-box" container
mkdir -p "$fox/jkl.empty"
cat >"$fox/profiles.ini" <<'INI'
[Install4F96D1932A9F858E]
Default=abc.default-release
Locked=1

[Profile1]
Name=work
IsRelative=1
Path=def.work
Default=1

[Profile0]
Name=default-release
IsRelative=1
Path=abc.default-release

[Profile2]
Name=boxes
IsRelative=1
Path=ghi.boxes

[Profile3]
Name=empty
IsRelative=1
Path=jkl.empty

[General]
StartWithLastProfile=1
INI
is 0 "Firefox" import firefox
none "  of Firefox"
says "sessionid.$canary-main" "$cookie" "  its log counts, and the profile that is installed"
says "theme.dark" "$cookie" "  with the site's other cookies"
says_not "gone|stranger|foreign" "$cookie" "  and no others"
equal 600 "$(stat -c %a "$cookie")" "  for us alone"
says "it ends on" "$T/err" "  with its date"
is 0 "another profile, by its name" import firefox:Work
says "$canary-work" "$cookie" "  is taken"
is 0 "  which has an end in milliseconds" "$DREAMQ" auth list --json
at_least 3000000 "$(jq .expires_in_seconds "$T/out")" "  that is understood"
is 0 "and by its folder" import firefox:abc.default-release
is 2 "one that is not there" import firefox:nobody
says "there are: work, default-release, boxes, empty" "$T/err" "  names the others"
is 0 "a container's login, and no other" import firefox:boxes
says "in a container only \(number 2\)" "$T/err" "  is taken, and that is said"
says "$canary-box" "$cookie" "  from there"
rm "$fox/ghi.boxes/cookies.sqlite"
make firefox "$fox/ghi.boxes" "$canary-two" boxes=2+3
is 3 "two containers, each with a login" import firefox:boxes
says "in 2 containers, and not outside.*'dreamq auth import FILE'" "$T/err" "  are not chosen between"
rm "$fox/ghi.boxes/cookies.sqlite"
make firefox "$fox/ghi.boxes" "$canary-out" boxes=0+2+3
is 0 "one outside of them, too" import firefox:boxes
says "$canary-out-0" "$cookie" "  is taken"
says_not "$canary-out-[23]|container" "$cookie" "  alone"
says_not container "$T/err" "  without a word"
is 3 "a profile without cookies" import firefox:empty
python3 "$SOURCE_ROOT/tests/kit/browsers.py" hold "$fox/abc.default-release/cookies.sqlite" 60 >"$T/held" &
children+=($!)
eventually 10 test -s "$T/held"
is 0 "a browser that runs, and holds it locked" import firefox
kill "${children[@]}" && children=()
is 3 "another region's login" import firefox --region sg
says "no cookie of capcut.com" "$T/err" "  is missing"
make firefox "$fox/jkl.empty" "$canary-none" nosession
is 3 "cookies, and no login among them" import firefox:empty
says "Firefox is not logged in at jianying.com" "$T/err" "  says where to log in"
rm "$fox/jkl.empty/cookies.sqlite"
head -c 3000 /dev/urandom >"$fox/jkl.empty/cookies.sqlite"
is 2 "a file that is no database" import firefox:empty
says "jkl.empty/cookies.sqlite' is no database of cookies" "$T/err" "  is told, by its own name"
rm "$fox/jkl.empty/cookies.sqlite"
make other "$fox/jkl.empty/cookies.sqlite" x
is 2 "a database of something else" import firefox:empty
rm -r "$fox/jkl.empty/cookies.sqlite" && mkdir "$fox/jkl.empty/cookies.sqlite"
is 6 "a folder in its place" import firefox:empty
mkdir -p "$HOME/snap/firefox/common/.mozilla" && mv "$fox" "$HOME/snap/firefox/common/.mozilla/"
is 0 "Firefox of snap" import firefox
none "  of it"
rm -r "$HOME/snap"

# --- Chromium and its kin
chromium=$HOME/.config/chromium
make chromium "$chromium/Default/Cookies" "$canary-c24"
is 0 "Chromium without a list of profiles" import chromium
says "sessionid.$canary-c24" "$cookie" "  is decrypted, without its host's sum"
says_not "gone|stranger|foreign" "$cookie" "  and no others"
none "  of Chromium"
make chromium "$chromium/Profile 1/Network/Cookies" "$canary-c23" version=23
printf '{"profile":{"last_used":"Profile 1","info_cache":{"Default":{"name":"Me"},"Profile 1":{"name":"公司"}}}}' >"$chromium/Local State"
is 0 "the profile that was used last" import chromium
says "sessionid.$canary-c23" "$cookie" "  is taken, of an older version"
is 0 "a profile by the name it shows" import chromium:Me
says "$canary-c24" "$cookie" "  is taken"
is 0 "  which may be Chinese" import chromium:公司
is 2 "one that is not there" import "chromium:Profile 9"
says "there are: Me, 公司" "$T/err" "  names the others"
make chromium "$HOME/.config/google-chrome/Default/Network/Cookies" "$canary-chrome" plain
is 0 "Chrome, not encrypted" import chrome
says "$canary-chrome" "$cookie" "  is taken"
make chromium "$HOME/.config/microsoft-edge/Default/Cookies" "$canary-edge" newer
is 3 "Edge, encrypted in a way of tomorrow" import edge
says "in a way that is not known" "$T/err" "  is told"
none "  of Edge"
make chromium "$HOME/.var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser/Default/Cookies" "$canary-brave" domain=capcut.com
is 0 "Brave of flatpak, of another region" import brave --region sg
says "$canary-brave" "$cookie" "  is taken"
rm "$chromium/Default/Cookies"
make chromium "$chromium/Default/Cookies" "$canary-bad" password=secret-of-the-ring
is 3 "v11 without a keyring" env -u DBUS_SESSION_BUS_ADDRESS "$DREAMQ" auth import --from-browser chromium:Me
says "keyring|D-Bus" "$T/err" "  says what is missing"
none "  of it"
# A bus that takes whoever comes and says nothing: killed meanwhile, nothing is left behind.
python3 -c 'import socket, sys, time
bus = socket.socket(socket.AF_UNIX)
bus.bind(sys.argv[1])
bus.listen()
came = bus.accept()
open(sys.argv[1] + ".came", "w").close()
time.sleep(60)' "$T/silent" >/dev/null 2>&1 &
silent=$!
children+=($silent)
eventually 10 test -S "$T/silent"
DBUS_SESSION_BUS_ADDRESS=unix:path=$T/silent "$DREAMQ" auth import --from-browser chromium:Me 2>"$T/err" &
killed=$!
eventually 10 test -e "$T/silent.came"
equal "" "$(find "$T/run" -name 'dreamq-*')" "no copy lies there while a keyring is asked"
kill -KILL $killed $silent
wait $killed $silent 2>/dev/null

# --- v11: the password is in a real keyring
if type -P dbus-daemon gnome-keyring-daemon secret-tool >/dev/null; then
	export XDG_DATA_HOME=$T/data
	mkdir -p "$T/data"
	dbus-daemon --session --nofork --print-address=1 >"$T/bus" 2>/dev/null &
	children+=($!)
	eventually 10 test -s "$T/bus"
	DBUS_SESSION_BUS_ADDRESS=$(head -n 1 "$T/bus")
	export DBUS_SESSION_BUS_ADDRESS
	printf password | gnome-keyring-daemon --foreground --components=secrets --unlock >"$T/ring.out" 2>&1 &
	children+=($!)
	owns_name() {
		dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
			org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q 'boolean true'
	}
	eventually 10 owns_name
	rm -rf "${T:?}/run/keyring"
	is 3 "v11, and the keyring has no entry of it" import chromium:Me
	says "the keyring has no entry of Chromium.*KWallet.*'dreamq auth import FILE'" "$T/err" "  is told"
	printf secret-of-the-ring | secret-tool store --label='Chromium Safe Storage' application chromium
	is 0 "v11 with the keyring's password" import chromium:Me
	says "$canary-bad" "$cookie" "  is decrypted"
	is 0 "into the keyring" import chromium:Me --keyring
	if [ -e "$cookie" ]; then not_ok "  and no file" "$cookie"; else ok "  and no file"; fi
else
	skip "v11 with a keyring" "no dbus-daemon, gnome-keyring-daemon or secret-tool"
fi

# --- a real Chromium, which takes seconds: REAL_CHROMIUM=1 (make torture)
if [ -n "${REAL_CHROMIUM-}" ] && type -P chromium >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=jimeng.jianying.com -keyout "$T/key" -out "$T/crt" 2>/dev/null
	cat >"$T/site.py" <<'PY'
import http.server, ssl, sys
class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Set-Cookie", f"sessionid={sys.argv[2]}; Domain=.jianying.com; Path=/; Max-Age=2000000; HttpOnly; Secure")
        self.end_headers()
        self.wfile.write(b"<p>logged in")
    def log_message(self, *args): pass
site = http.server.HTTPServer(("127.0.0.1", 0), Site)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + "/crt", sys.argv[1] + "/key")
site.socket = context.wrap_socket(site.socket, server_side=True)
print(site.server_port, flush=True)
site.serve_forever()
PY
	python3 "$T/site.py" "$T" "$canary-real" >"$T/site.port" &
	children+=($!)
	eventually 10 test -s "$T/site.port"
	rm -rf "$chromium"
	timeout 120 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--password-store=basic --ignore-certificate-errors --user-data-dir="$chromium" \
		--host-resolver-rules="MAP jimeng.jianying.com 127.0.0.1:$(cat "$T/site.port")" \
		--dump-dom https://jimeng.jianying.com/ >"$T/dom" 2>/dev/null
	says "logged in" "$T/dom" "a real Chromium logs in"
	is 0 "  and its login is taken" import chromium
	says "$canary-real" "$cookie" "  decrypted"
	none "  of it"
elif [ -n "${REAL_CHROMIUM-}" ]; then
	skip "a real Chromium" "it is not installed"
fi

# --- languages, and what it advises
for locale in C zh_CN.UTF-8 xx_YY.UTF-8; do
	is 3 "Edge's cookie under $locale" env LC_ALL=$locale COLUMNS=20 "$DREAMQ" auth import --from-browser edge
done
if unshare -rm true 2>/dev/null; then
	is 6 "a full disk" unshare -rm sh -c 'mount -t tmpfs -o size=64k tmpfs "$1" && head -c 70000 /dev/zero >"$1/x" 2>/dev/null; XDG_RUNTIME_DIR=/nonexistent TMPDIR=$1 exec "$2" auth import --from-browser chromium --cookie-file "$1/c"' - "$T/data" "$DREAMQ"
else
	skip "a full disk" "no right to mount"
fi
done_testing
