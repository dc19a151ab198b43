#!/bin/bash
# Partial files that are not what was written: what a killed run had not brought to the
# disk is zeros after a power cut, or what somebody put there. Hundreds of them are in
# tools/torture.
. "$(dirname "$0")/lib.sh"
count=${PARTIALS:-24}
RANDOM=${PARTIALS_SEED:-4711}
start_emulator

# JPEG and WebP: their containers have no checksums, nothing but the bytes would tell.
for n in $(seq "$count"); do
	kind='[jpeg]'
	[ $((n % 3)) -ne 0 ] || kind='[webp]'
	make_tasks "{\"account\":\"tester\",\"ids\":[\"part$n\"],\"age_seconds\":600,
		\"prompt\":\"a river [items=1] [bytes=4000000] [slow=1M] $kind\"}"
done >"$T/ids"
sums() { (cd "$1" && find . -name 'part*' -type f -exec sha256sum {} + | sort -k 2); }

# damage WAY FILE FROM: the bytes from there on are not what was written any more
damage() {
	local size at

	size=$(stat -c %s "$2")
	at=$(($3 + (RANDOM * 32768 + RANDOM) % (size - $3)))
	case $1 in
	0) truncate -s $at "$2" && truncate -s "$size" "$2" ;; # a tail of zeros
	1) dd if=/dev/zero of="$2" bs=4096 count=1 seek=$((at / 4096 + 1)) conv=notrunc ;; # a page of them
	2) printf 'x%d' $RANDOM | dd of="$2" bs=1 seek=$at conv=notrunc ;; # a few others
	3) truncate -s $at "$2" ;; # cut off
	4) truncate -s $at "$2" && head -c $((size - at)) /dev/urandom >>"$2" ;; # forged
	5) head -c 3000000 /dev/urandom >>"$2" ;; # longer
	6) truncate -s 4000000 "$2" ;; # as long as it shall be
	7) cp "$2" "$2.copy" && mv "$2.copy" "$2" && printf 'y' | dd of="$2" bs=1 seek=$at conv=notrunc ;;
	esac 2>/dev/null
}

# Started, and killed as soon as nearly all of these are midway.
interrupt() {
	"$DREAMQ" get -q --jobs 32 -o "$T/files" --input "$1" >/dev/null 2>&1 &
	pid=$!
	eventually 20 midway "$1"
	kill -9 $pid
	wait $pid 2>/dev/null
}
midway() {
	local far

	far=$(sed "s|.*|$T/files/.dreamq-&.0.part|" "$1" | xargs -I{} find {} -size +1800k | wc -l)
	[ "$far" -ge $(($(wc -l <"$1") * 7 / 8)) ]
}

is 0 "a run that nobody disturbs" env XDG_STATE_HOME="$T/calm-state" "$DREAMQ" get -q \
	--jobs 32 -o "$T/calm" --input "$T/ids"
# As many as are fetched from one host at once.
split -l 16 "$T/ids" "$T/batch."
damaged=0 built_upon=0
for batch in "$T"/batch.*; do
	interrupt "$batch"
	while read -r id; do
		partial=$T/files/.dreamq-$id.0.part
		[ -s "$partial" ] || continue
		synced=$(lab_synced_bytes "$id" 2>/dev/null)
		[ "${synced:-0}" -gt 0 ] && built_upon=$((built_upon + 1))
		[ "${synced:-0}" -lt "$(stat -c %s "$partial")" ] || continue
		damage $((damaged % 8)) "$partial" "${synced:-0}"
		damaged=$((damaged + 1))
	done <"$batch"
done
at_least $((count * 3 / 4)) "$damaged" "$damaged partial files are damaged behind what is on the disk"
at_least $((count * 3 / 4)) "$built_upon" "$built_upon have a beginning that is"
: >"$T/requests.log"
is 0 "the same run again" dreamq get -q --jobs 32 -o "$T/files" --input "$T/ids"
sums "$T/calm" >"$T/wanted"
sums "$T/files" >"$T/got"
equal 0 "$(diff "$T/wanted" "$T/got" | grep -c '^>')" "makes the same files, but for"
complete "$T/files" "$count" "and nothing else"
at_least $((count / 3)) "$(jq -r 'select(.on == "cdn" and .status == 206) | .ids[0]' "$T/requests.log" |
	sort -u | wc -l)" "what was on the disk was not fetched again"
done_testing
