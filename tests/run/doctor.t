#!/bin/bash
# 'dreamq doctor': all well; each thing broken alone, and everything at once; and what
# 'dreamq' alone says to a person.
. "$(dirname "$0")/lib.sh"
start_emulator # its clock is ours
# at CHECK WANTED LABEL: the verdict of a check in $T/out (JSON)
at() { equal "$2" "$(jq -r "select(.name == \"$1\") | .verdict" "$T/out")" "$3"; }
does() { equal true "$(jq -r "select(.name == \"$1\") | .do != null" "$T/out")" "  and says what to do"; }
doctor() { dreamq doctor --json -o "$T/pictures" "$@"; }

# --- all is well
is 0 "doctor before the first task" doctor
valid "$T/out" "  follows its schema"
equal "config versions language output-disk ledger-disk ledger proxy dns tls clock cookie api cdn" \
	"$(jq -r .name "$T/out" | tr '\n' ' ' | sed 's/ $//')" "  makes every check"
equal "" "$(jq -r 'select(.verdict == "bad") | .name' "$T/out")" "  and none is bad"
at cdn skipped "  without a task there is no link"
equal 0 "$(find "$T" -name '.dreamq-doctor*' | wc -l)" "  and leaves nothing behind"
make_tasks '{"account":"tester","ids":["doc-one"],"prompt":"a cat [items=1]","age_seconds":600}' >/dev/null
dreamq query -q doc-one >/dev/null
is 0 "with a task that has succeeded" doctor
at cdn ok "  a link is asked for"
at api ok "  and the balance"
equal 0 "$(requests submit)" "  and nothing is submitted"
is 0 "for people" dreamq doctor -o "$T/pictures"
equal 13 "$(wc -l <"$T/out")" "  it is a line for each"
is 0 "the next poll still works" dreamq query -q doc-one

# --- one thing broken
is 1 "a cookie that others can read" sh -c "umask 0; echo sessionid=x >'$T/open'; '$DREAMQ' doctor --json --cookie-file '$T/open'"
at cookie bad "  is bad" && does cookie
at api skipped "  and nobody is asked with it"
account tester expired
is 1 "a login that is over" doctor
at api bad "  is bad" && does api
account tester ok
is 1 "no cookie" doctor --cookie-file "$T/none"
at cookie bad "  is bad" && does cookie
cp "$LEDGER" "$T/good.db"
printf 'SQLite format 3\0 and then nonsense' >"$T/bad.db"
is 1 "a damaged ledger" doctor --ledger "$T/bad.db"
at ledger bad "  is bad" && does ledger
at tls ok "  and the rest go on"
is 6 "  what is advised of a damaged one" dreamq ledger check --ledger "$T/bad.db"
mkdir "$T/folder.db"
is 1 "a folder in the ledger's place" doctor --ledger "$T/folder.db"
at ledger bad "  is bad" && does ledger
touch "$T/file"
is 1 "a file where the folder should be" dreamq doctor --json -o "$T/file/below"
at output-disk bad "  is bad" && does output-disk
printf '[default]\njbs = 3\n' >"$T/bad.ini"
is 1 "a mistake in the config file" doctor --config "$T/bad.ini"
at config bad "  is bad" && does config
says "bad.ini:2:.*did you mean 'jobs'" "$T/out" "  with its line"
at tls ok "  and the rest go on"
is 0 "a locale that does not exist" env LC_ALL=xx_YY.UTF-8 "$DREAMQ" doctor --json
at language warn "  is a warning"
is 0 "LANG=C in 20 columns" env LC_ALL=C COLUMNS=20 "$DREAMQ" doctor
says "^ok +dns +'127.0.0.1' has the address 127.0.0.1 " "$T/out" "  an address is one"
is 1 "DREAMQ_CA_FILE that is not there" env DREAMQ_CA_FILE="$T/none" "$DREAMQ" doctor --json
at tls bad "  is bad" && does tls
if unshare -rm true 2>/dev/null; then
	is 1 "a full disk" unshare -rm sh -c 'mount -t tmpfs -o size=64k tmpfs "$1" && exec "$2" doctor --json -o "$1"' - "$T/home" "$DREAMQ"
	at output-disk bad "  is bad" && does output-disk
else
	skip "a full disk" "no right to mount"
fi
is 6 "its own output on a full disk" sh -c "'$DREAMQ' doctor >/dev/full"

# --- servers that are not as they should be: a wrong clock, silence, a strange certificate
openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN=localhost -keyout "$T/key" -out "$T/crt" 2>/dev/null
cat >"$T/odd.py" <<'END'
import http.server, socket, ssl, sys, threading, email.utils, time
folder = sys.argv[1]
class Late(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(404)
        self.send_header("Date", email.utils.formatdate(time.time() - 3600, usegmt=True))
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args): pass
late = http.server.HTTPServer(("127.0.0.1", 0), Late)
tls = http.server.HTTPServer(("127.0.0.1", 0), Late)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/crt", folder + "/key")
tls.socket = context.wrap_socket(tls.socket, server_side=True)
silent = socket.create_server(("127.0.0.1", 0))
for server in late, tls:
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(folder + "/ports.new", "w") as ports:
    print(late.server_port, tls.server_port, silent.getsockname()[1], file=ports)
import os; os.rename(folder + "/ports.new", folder + "/ports")
threading.Event().wait()
END
python3 "$T/odd.py" "$T" &
odd=$!
eventually 10 test -s "$T/ports"
read -r late tls silent <"$T/ports"
is 1 "a clock an hour ahead of the service's" doctor --api-base "http://127.0.0.1:$late"
at clock bad "  is bad" && does clock
is 1 "a certificate of nobody" doctor --api-base "https://localhost:$tls"
at tls bad "  is bad" && does tls
is 1 "the same, and its authority is named" env DREAMQ_CA_FILE="$T/crt" "$DREAMQ" doctor --json --api-base "https://localhost:$tls"
at tls ok "  the certificate is good"
is 1 "a server that is silent" doctor --max-wait 1 --api-base "http://127.0.0.1:$silent"
at tls bad "  is bad" && does tls
at api bad "  the API, too"
says '"name":"api".*no result within 1s' "$T/out" "  after the time that it has"
is 1 "a proxy that is not there" env https_proxy=http://127.0.0.1:9 "$DREAMQ" doctor --json --max-wait 3 --api-base https://service.example
says "'127.0.0.1:9' is on the way" "$T/out" "  is told"
at tls bad "  and is bad" && does tls
kill $odd

# --- everything at once
is 1 "everything broken" env -u HOME -u XDG_CONFIG_HOME -u XDG_STATE_HOME -u DREAMQ_COOKIE_FILE \
	DREAMQ_API_BASE=http://127.0.0.1:9 LC_ALL=xx_YY.UTF-8 "$DREAMQ" doctor --json --config "$T/bad.ini" -o "$T/file/x"
valid "$T/out" "  follows its schema"
equal 13 "$(wc -l <"$T/out")" "  and every check is made"
equal "config output-disk ledger-disk ledger tls cookie" "$(jq -r 'select(.verdict == "bad") | .name' "$T/out" | tr '\n' ' ' | sed 's/ $//')" "  six are bad"
is 2 "nonsense" dreamq doctor nonsense
is 2 "an option of others" dreamq doctor --prompt x

# --- dreamq alone
is 2 "without a verb, in a pipe" dreamq
says "^usage: dreamq" "$T/err" "  the verbs are listed"
if type -P script >/dev/null; then
	alone() { env TERM=xterm SHELL=/bin/bash "$@" script -qec "$(printf %q "$DREAMQ")" /dev/null </dev/null | tr -d '\r' >"$T/screen"; }
	alone DREAMQ_COOKIE_FILE="$T/none"
	equal 4 "$(wc -l <"$T/screen")" "a newcomer at a terminal gets four lines"
	says "^  dreamq setup$" "$T/screen" "  with the next step"
	alone XDG_STATE_HOME="$T/new"
	says "dreamq run --prompt" "$T/screen" "with a login the next step is a task"
	for columns in 80 20; do
		env TERM=xterm SHELL=/bin/bash script -qec "stty cols $columns; $(printf %q "$DREAMQ") doctor -o $(printf %q "$T/a place for all the pictures of this year")" \
			/dev/null </dev/null 2>/dev/null | tr -d '\r' | sed 's/\x1b\[[0-9;]*m//g' >"$T/screen"
		between 1 "$(grep -v "$T" "$T/screen" | wc -L)" "$columns" "doctor in $columns columns has no longer line"
	done
	says '^  it is whole: tasks$' "$T/screen" "  the text is below when there is no room beside"
	alone A=b
	equal 4 "$(wc -l <"$T/screen")" "with tasks it is four lines, too"
	says "unfinished|dreamq list" "$T/screen" "  of what is there"
	make_tasks '{"account":"tester","ids":["doc-two"],"prompt":"a cat [items=1]","age_seconds":0,"generate_seconds":3600}' >/dev/null
	dreamq query -q doc-two >/dev/null
	alone A=b
	says "watch --until-idle" "$T/screen" "with an unfinished one it is that"
	alone DREAMQ_CONFIG="$T/bad.ini"
	says "did you mean 'jobs'" "$T/screen" "with a bad config file it is told"
else
	skip "dreamq alone at a terminal" "there is no script(1)"
fi
done_testing
