# lib.sh - what the tests of the emulator share: a free port, curl and jq, TAP. Source it
# first, and end with done_testing. Needs DREAMQ_EMULATOR, the path of the program.
set -u

emulator=${DREAMQ_EMULATOR:?the path of dreamq-emulator}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=$(mktemp -d)
count=0 failed=0 pid=

cleanup() {
	[ -n "$pid" ] && kill "$pid" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
cd "$dir" || exit 1

# ok NAME COMMAND…: one test; the command's output is shown when it fails.
ok() {
	local name=$1
	shift
	count=$((count + 1))
	if "$@" >ok.out 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' ok.out | head -20
		failed=$((failed + 1))
	fi
}

# is NAME GOT WANTED
is() {
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		printf 'not ok %d - %s\n#    got: %.300s\n# wanted: %.300s\n' "$count" "$1" "$2" "$3"
		failed=$((failed + 1))
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

start() {
	rm -f port port.cdn log
	"$emulator" --port 0 --port-file port --log log "$@" >out 2>err &
	pid=$!
	for _ in $(seq 200); do
		[ -e port ] && break
		sleep 0.05
	done
	scheme=http
	case " $* " in *" --tls "*) scheme=https ;; esac
	api="$scheme://127.0.0.1:$(cat port)"
	cdn="$scheme://127.0.0.1:$(cat port.cdn)"
}

# The status of the exit, after a SIGTERM.
stop() {
	kill -TERM "$pid"
	wait "$pid"
	stopped=$?
	pid=
}

# submit ID PROMPT [KIND]
submit() {
	jq -nc --arg id "$1" --arg prompt "$2" '{generate_type: "text2imageV2",
		agent_scene: "creation_agent_v40", prompt: $prompt, ratio: "1:1",
		model_key: "high_aes_general_v40", subject_id: "default", submit_id: $id}' |
		curl -s -m "${patience:-20}" -X POST "$api/dreamina/mcp/v1/${3:-image}_generate" \
			-H 'Content-Type: application/json' \
			-H "cookie: sessionid=${account:-u1}" --data-binary @-
}

where='aid=513695&device_platform=web&region=cn'
headers=(-H 'Content-Type: application/json' -H 'accept: application/json, text/plain, */*'
	-H 'appid: 513695' -H 'appvr: 8.4.0' -H 'pf: 3' -H 'lan: zh-Hans' -H 'loc: cn'
	-H 'origin: https://jimeng.jianying.com'
	-H 'referer: https://jimeng.jianying.com/ai-tool/generate?type=image')

# ask BODY [CURL OPTION…]: a query with every documented header
ask() {
	local body=$1
	shift
	curl -s -m 20 -X POST "$api/mweb/v1/get_history_by_ids?$where" "${headers[@]}" \
		-H "Cookie: theme=dark; sessionid=${account:-u1}" -d "$body" "$@"
}

query() {
	ask "{\"submit_ids\":[\"$1\"]}" "${@:2}"
}

faults() {
	curl -s -X DELETE "$api/_emulator/script" >/dev/null
	curl -s -X POST "$api/_emulator/script" --data-binary "$1" >/dev/null
}

# make JSON: tasks that ended long ago
make() {
	curl -s -X POST "$api/_emulator/tasks" -d "$1" >/dev/null
}

image_url() {
	query "$1" | jq -r '.data[].item_list[0].image.large_images[0].image_url'
}

status_of() {
	curl -s -o body -w '%{http_code}' "$@"
}

# raw REQUEST: what a bare socket sees until the peer closes
raw() {
	exec 3<>"/dev/tcp/127.0.0.1/$(cat port)"
	printf '%s' "$1" >&3
	cat <&3
	exec 3>&-
}

stats() {
	curl -s "$api/_emulator/stats" | jq -c "$1"
}

last_log() {
	tail -n 1 log | jq -c "$1"
}

done_testing() {
	echo "1..$count"
	[ $failed -eq 0 ]
}
