#!/bin/bash
# What leaves, to the byte, as a server sees it that is not the emulator (docs: the wire's
# contract): exactly these headers in this spelling, and what HTTP itself needs.
. "$(dirname "$0")/lib.sh"
login 0123456789abcdef
cd "$T" || exit 1
mkdir seen

# record ANSWER: start the recording server
record() {
	rm -f seen/*
	/usr/bin/python3 "$SOURCE_ROOT/tests/run/record.py" seen "$1" 2>record.err &
	emulator_pid=$!
	for _ in $(seq 100); do
		[ -s seen/port ] && break
		sleep 0.05
	done
	[ -s seen/port ] || {
		echo "Bail out! the recording server did not start: $(cat record.err)"
		exit 1
	}
	port=$(cat seen/port)
	export DREAMQ_API_BASE=http://127.0.0.1:$port DREAMQ_SUBMIT_BASE=http://127.0.0.1:$port
}
# sent NUMBER: request line, then its headers sorted
sent() { head -1 "seen/$1.head" | tr -d '\r' && tail -n +2 "seen/$1.head" | tr -d '\r' | grep -v '^$' | sort; }
# expect: the same of what stands on stdin, with the port filled in
expect() { sed "s/PORT/$port/" | { read -r line && echo "$line" && sort; }; }

fixture=$SOURCE_ROOT/tests/fixtures/history_success_image_web_full.json
id=$(jq -r '.data | keys[0]' "$fixture")
record "$fixture"

is 0 "query, answered with the captured record" dreamq query --json "$id"
valid out "its line follows the schema"
case $id in *[!0-9]*) field=submit_ids ;; *) field=history_ids ;; esac
equal "{\"$field\":[\"$id\"]}" "$(cat seen/1.body)" "the body"
equal "$(expect <<-END
	POST /mweb/v1/get_history_by_ids?aid=513695&device_platform=web&region=cn HTTP/1.1
	Host: 127.0.0.1:PORT
	Accept-Encoding: gzip
	Content-Length: $(wc -c <seen/1.body)
	Content-Type: application/json
	accept: application/json, text/plain, */*
	appid: 513695
	appvr: 8.4.0
	pf: 3
	lan: zh-Hans
	loc: cn
	origin: https://jimeng.jianying.com
	referer: https://jimeng.jianying.com/ai-tool/generate?type=image
	Cookie: sessionid=0123456789abcdef
END
)" "$(sent 1)" "request line and headers: these, in this spelling, and no others"
equal 1 "$(find seen -name '*.head' | wc -l)" "one request"

# The captured answer: four pictures, with the expiry that stands in each link.
equal "succeeded 50 4 4" "$(jq -r '"\(.state) \(.status) \(.finished) \(.total)"' out)" "state and counts"
jq -r '.data[] | .item_list[] | .image.large_images[0] | .image_url' "$fixture" >links
equal 4 "$(wc -l <links)" "the capture has four pictures"
equal "$(cat links)" "$(jq -r '.assets[].url' out)" "their links are told as they came"
equal "$(sed 's/.*x-expires=\([0-9]*\).*/\1/' links)" \
	"$(jq -r '.assets[].expires_at | fromdateiso8601' out)" "with the expiry of each"
equal "$(jq -r '.data[] | .item_list[].image.large_images[0] | "\(.width)x\(.height)"' "$fixture")" \
	"$(jq -r '.assets[] | "\(.width)x\(.height)"' out)" "and their sizes"

# Ids of digits are history ids; both kinds go into one body.
rm -f seen/*.head seen/*.body
dreamq query --json a-b_C 123456 0 Z >out 2>err
first=$(find seen -name '*.body' | sort -V | head -1)
equal '{"submit_ids":["a-b_C","Z"],"history_ids":["123456","0"]}' "$(cat "$first")" "ids of both kinds"

# The wire table changes each of them.
rm -f seen/*.head seen/*.body
cat >other.ini <<-END
	[wire]
	query_path = /v2/history
	aid = 1
	region = us
	device_platform = app
	accept = */*
	appid = 2
	appvr = 9.9.9
	pf = 7
	lan = en
	loc = us
	origin = https://example.com
	referer = https://example.com/x
END
is 0 "another wire table" dreamq --config other.ini query "$id"
last=$(basename "$(find seen -name '*.head' | sort -V | head -1)" .head)
equal "$(expect <<-END
	POST /v2/history?aid=1&device_platform=app&region=us HTTP/1.1
	Host: 127.0.0.1:PORT
	Accept-Encoding: gzip
	Content-Length: $(wc -c <"seen/$last.body")
	Content-Type: application/json
	accept: */*
	appid: 2
	appvr: 9.9.9
	pf: 7
	lan: en
	loc: us
	origin: https://example.com
	referer: https://example.com/x
	Cookie: sessionid=0123456789abcdef
END
)" "$(sent "$last")" "is what is sent"
stop_emulator

# Submit.
printf '{"ret":"0","errmsg":"success","data":{"submit_id":"mine-1"}}' >accepted
record accepted
is 0 "submit" dreamq submit --prompt '一只"猫"' --ratio 16:9 --submit-id mine-1
equal '{"agent_scene":"creation_agent_v40","generate_type":"text2imageV2","model_key":"high_aes_general_v40","prompt":"一只\"猫\"","ratio":"16:9","subject_id":"default","submit_id":"mine-1"}' \
	"$(jq -cS . seen/1.body)" "its body"
equal "$(expect <<-END
	POST /dreamina/mcp/v1/image_generate HTTP/1.1
	Host: 127.0.0.1:PORT
	Content-Length: $(wc -c <seen/1.body)
	Content-Type: application/json
	cookie: sessionid=0123456789abcdef
END
)" "$(sent 1 | grep -v '^Accept-Encoding')" "its headers"
is 2 "the same id again" dreamq submit --prompt x --submit-id mine-1
equal 1 "$(find seen -name '*.head' | wc -l)" "is not sent"
done_testing
