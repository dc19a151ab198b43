#!/bin/bash
# watch --hours: files come in these hours of the local day only, on a clock of the wall that is
# shifted by a time zone. Polling goes on all the time.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1
err=$T/err
start_emulator --time-scale 20

# zone HH:MM:SS: a time zone where it is that time now
zone() {
	local now wanted
	now=$(date -u +%-H:%-M:%-S | awk -F: '{ print $1 * 3600 + $2 * 60 + $3 }')
	wanted=$(awk -F: '{ print $1 * 3600 + $2 * 60 + $3 }' <<<"$1")
	printf 'WAL-%s' "$(awk -v n=$(((wanted - now + 86400) % 86400)) \
		'BEGIN { printf "%d:%02d:%02d", n / 3600, n % 3600 / 60, n % 60 }')"
}
succeeded() { test "$(state_of "$1")" = succeeded; }
stored() { test "$(count_stored)" -ge "$1"; }
files() { find "$1" -name '*.png' | wc -l; }

# --- the night begins ------------------------------------------------------------------------
make_tasks '{"account":"tester","ids":["night"],"prompt":"a cat [items=2]","age_seconds":600}' >ids
is 0 "a task that is known" dreamq wait -q night
TZ=$(zone 21:59:54) "$DREAMQ" watch --hours 22:00-07:00,12:00-12:30 -o files >out 2>err &
pid=$!
trap 'status=$?; kill $pid 2>/dev/null; (exit $status); finish' EXIT
sleep 2
equal "0 0" "$(files files) $(count_stored)" "by day nothing comes"
says "downloads wait for their hours; polling goes on" "$err" "  and that is said"
at_least 2 "$(requests query)" "  polling goes on"
equal 0 "$(requests cdn)" "  no byte of a file is asked for"
eventually 15 stored 2
equal "2 2" "$(files files) $(count_stored)" "when the night begins, it does"
says "the hours of downloads have come" "$err" "  and that is said"
kill -TERM $pid
wait $pid
equal 0 $? "SIGTERM ends it"

# --- the night ends ----------------------------------------------------------------------------
make_tasks '{"account":"tester","ids":["dawn"],"prompt":"a cat [items=1] [bytes=6M] [slow=600k]","age_seconds":600}' >ids
is 0 "a large one" dreamq wait -q dawn
TZ=$(zone 06:59:57) "$DREAMQ" watch --hours 22:00-07:00 -o files >out 2>err &
pid=$!
waits() { grep -q 'downloads wait' "$err"; }
eventually 15 waits
cut=$(find files -name '.dreamq-*.part*' -printf '%s\n' | sort -n | tail -1)
sleep 1.5
equal "0 ${cut:-none}" "$(find files -name 'dawn*' | wc -l) $(find files -name '.dreamq-*.part*' -printf '%s\n' | sort -n | tail -1)" \
	"what is under way is cut when the night ends"
at_least 100000 "${cut:-0}" "  and stays as far as it came"
kill -TERM $pid
wait $pid
equal 0 $? "  and the watch ends as ever"
is 0 "the next night" env TZ="$(zone 23:00:00)" timeout 60 "$DREAMQ" watch -q --until-idle --hours 22:00-07:00 -o files
equal 1 "$(find files -name 'dawn_0.png' | wc -l)" "  it comes home"
equal 206 "$(jq 'select(.on == "cdn" and .ids == ["dawn"]) | .status' "$T/requests.log" | tail -1)" "  from where it stopped"

# --- nonsense, and the config file -----------------------------------------------------------------
for hours in night 22-07 22:00 25:00-07:00 22:00-22:00 22:00-07:00, ''; do
	is 2 "--hours '$hours'" dreamq watch --hours "$hours"
done
settings >conf.ini
sed -i 's|^\[wire\]|hours = 22:00-07:00\n[wire]|' conf.ini
make_tasks '{"account":"tester","ids":["conf"],"prompt":"a cat [items=1]","age_seconds":600}' >ids
is 0 "a third" dreamq wait -q conf
is 0 "hours of the config file" env TZ="$(zone 12:00:00)" "$DREAMQ" watch -q --config conf.ini --max-wait 2s -o files
equal 0 "$(find files -name 'conf*' | wc -l)" "  count"
done_testing
