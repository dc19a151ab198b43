#!/bin/bash
# mcp_install.t - 'dreamq mcp install' writes our entry into each client's configuration: it
# parses, all that others have written survives to the byte, what it names starts and answers,
# and it can be taken out again. What is malformed, full, or written meanwhile is refused.
. "$(dirname "$0")/lib.sh"
mkdir "$T/bin" && ln -s "$DREAMQ" "$T/bin/dreamq"
PATH=$T/bin:$PATH
cd "$T" || exit

# parts PART...: what mcp_install.py finds
timeout 300 /usr/bin/python3 "$SOURCE_ROOT/tests/run/mcp_install.py" clients edits refused meanwhile docs >"$T/parts" 2>"$T/trouble" ||
	not_ok "mcp_install.py came to its end" "$(tail -5 "$T/trouble")"
while IFS= read -r line; do
	case $line in
	"ok "*) ok "${line#ok }" ;;
	*) not_ok "${line#not ok }" ;;
	esac
done <"$T/parts"
at_least 60 "$(wc -l <"$T/parts")" "all was looked at"

# --- bad input
is 2 "a client that is none" dreamq mcp install cursr
says "did you mean 'cursor'" "$T/err" "  the nearest is named"
is 2 "a name like no other" dreamq mcp install photoshop-2031
says "'dreamq mcp clients' lists them" "$T/err" "  says where they are"
is 2 "no client" dreamq mcp install
is 2 "two clients" dreamq mcp install cursor zed
is 2 "clients of something" dreamq mcp clients cursor
is 2 "a server with an option of install" dreamq mcp --remove
says "--remove belongs to 'mcp install'" "$T/err" "  is told whose it is"
is 2 "a project's folder that is not there" dreamq mcp install cursor --project "$T/nowhere"
is 2 "a project of a client that knows none" dreamq mcp install windsurf --project "$T"
is 2 "an address for a client that starts it itself" dreamq mcp install cursor --http 127.0.0.1:0
is 2 "no HOME" env -u HOME -u XDG_CONFIG_HOME dreamq mcp install cursor
says "HOME is not set" "$T/err" "  is told"
is 2 "a folder that is no UTF-8" dreamq mcp install cursor -o $'pic\xff' --yes
is 2 "an output folder with a line's end" dreamq mcp install cursor -o $'pic\nture' --yes
equal "" "$(find "$HOME" -type f)" "nothing was written by any of these"

# --- places, languages, narrow terminals
for locale in C zh_CN.UTF-8 xx_YY.UTF-8; do
	is 0 "clients in $locale" env LC_ALL=$locale COLUMNS=20 dreamq mcp clients
	equal 13 "$(wc -l <"$T/out")" "  each has a line"
	is 0 "a rehearsal in $locale" env LC_ALL=$locale COLUMNS=20 dreamq mcp install zed --dry-run
	says '^\+.*"context_servers": \{' "$T/out" "  shows what would be written"
done
is 0 "without a terminal and --yes" dreamq mcp install cursor
says "nothing was written; --yes does it" "$T/err" "  nothing is"
equal "" "$(find "$HOME" -type f)" "  and nothing was"
is 0 "a full standard output is not the file" dreamq mcp install cursor --yes
is 0 "clients" dreamq mcp clients
says "^cursor +installed +$HOME/.cursor/mcp.json" "$T/out" "  say where it is installed"

# --- for programs
for verb in clients "install cursor" "install cursor --dry-run" "install kiro --yes" "install kiro -o other --yes" "install kiro --remove --yes"; do
	# shellcheck disable=SC2086 # they are words
	is 0 "$verb, as JSON" dreamq mcp --json $verb
	valid "$T/out" "  follows its schema"
	jq -r '[.name, .state, .written, .backup != null] | @tsv' "$T/out" | tail -n 1 >>"$T/told"
done
equal "zed absent false false;cursor installed false false;cursor installed false false;kiro installed true false;kiro installed true true;kiro not_installed true true" \
	"$(tr '\t\n' ' ;' <"$T/told" | sed 's/;$//')" "  and says what has become of it"

# --- a full disk, a folder that can't be written
if unshare -rm true 2>/dev/null; then
	is 6 "a full disk" unshare -rm sh -c 'mount -t tmpfs -o size=16k tmpfs "$1" && mkdir "$1/.cursor" &&
		printf "{}" >"$1/.cursor/mcp.json" && head -c 70000 /dev/zero >"$1/x" 2>/dev/null;
		"$2" mcp install cursor --yes; status=$?; cat "$1/.cursor/mcp.json"; ls -A "$1/.cursor"; exit $status' - "$HOME" "$DREAMQ"
	says "No space left" "$T/err" "  is told"
	equal "{}mcp.json" "$(tail -n 1 "$T/out")" "  the old file is there, and nothing beside it"
else
	skip "a full disk" "no user namespaces"
fi
chmod 500 "$HOME/.cursor"
if [ "$(id -u)" -ne 0 ]; then
	is 6 "a folder that can't be written" dreamq mcp install cursor -o other --yes
fi
chmod 700 "$HOME/.cursor"

# --- completion has their names
is 0 "completion" dreamq completion bash
says "clients install claude-code" "$T/out" "  has the clients"
done_testing
