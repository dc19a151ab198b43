# Sourced by the tests: an emulator of our own, and nothing of the user's.
set -eu
work=${AUTOPKGTEST_TMP:-$(mktemp -d)}
export HOME="$work/home" XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" LC_ALL=C.UTF-8
mkdir -p "$HOME"
cd "$work"
dreamq-emulator --port-file "$work/port" --time-scale 100 --clock real >"$work/emulator.out" &
emulator=$!
trap 'kill $emulator 2>/dev/null || :; test -n "${AUTOPKGTEST_TMP-}" || rm -rf "$work"' EXIT
tries=0
until test -s "$work/port"; do
	tries=$((tries + 1))
	test $tries -lt 100 || { echo "the emulator does not start" >&2; exit 1; }
	sleep 0.1
done
export DREAMQ_API_BASE="http://127.0.0.1:$(cat "$work/port")"
export DREAMQ_SUBMIT_BASE="$DREAMQ_API_BASE"
