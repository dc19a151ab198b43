#!/bin/bash
# Pictures come one by one, minutes apart, and half of the records tell no total before
# they end: no task ends with less than it makes.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 600

mapfile -t ids < <(make_tasks '{"account":"tester","count":12,"prompt":"a cat [items=4] [seconds=1500]"}')
is 0 "all of them" timeout 60 "$DREAMQ" get -q -o "$T/files" --max-wait 24h "${ids[@]}"
complete "$T/files" 48 "  four of each"
equal 12 "$(dreamq list --state succeeded --json | jq '[.[] | select(.finished == 4)] | length' -s 2>/dev/null)" "  as the ledger says"
done_testing
