#!/bin/bash
# mcp_programs.t - the programs themselves read what 'dreamq mcp install' has written, start dreamq,
# and are connected; and they take the plugin, the skill and the bundle. 'tools/setup programs'
# fetches them (a gigabyte); without, it is skipped. No login and no network is needed.
. "$(dirname "$0")/lib.sh"
at=$SOURCE_ROOT/tests/clients/programs/node_modules

[ -d "$at/@openai" ] || {
	skip "the clients themselves" "'tools/setup programs' has not been run"
	done_testing
}
mkdir -p "$T/person/project" "$T/bin" && cd "$T/person/project" || exit
ln -s "$DREAMQ" "$T/bin/dreamq"
# theirs COMMAND...: as the person, with nothing of ours in the environment
theirs() {
	timeout 90 env -i HOME="$T/person" PATH="$T/bin:/usr/local/bin:/usr/bin:/bin" TERM=dumb NO_COLOR=1 \
		GEMINI_CLI_TRUST_WORKSPACE=true "$@" </dev/null
}
claude=$at/@anthropic-ai/claude-code-linux-x64/claude

# connected CLIENT PATTERN COMMAND...: installed, it lists dreamq as connected; removed, it does not
connected() {
	local client=$1 pattern=$2
	shift 2
	[ -x "$1" ] || {
		skip "$client" "not on this machine"
		return
	}
	is 0 "$client: installed" theirs "$DREAMQ" mcp install "$client" -o "$T/person/files" --yes
	theirs "$@" >"$T/out" 2>&1
	says "$pattern" "$T/out" "  it is connected"
	is 0 "  removed" theirs "$DREAMQ" mcp install "$client" --remove --yes
	theirs "$@" >"$T/out" 2>&1
	says_not "dreamq:|dreamq .*connected" "$T/out" "  it is not there any more"
}
connected claude-code '^dreamq: .*Connected' "$claude" mcp list
connected gemini 'dreamq: .*Connected' "$at/.bin/gemini" mcp list
connected qwen 'dreamq: .*Connected' "$at/.bin/qwen" mcp list
connected opencode 'dreamq .*connected' "$at/opencode-linux-x64/bin/opencode" mcp list

# --- Codex tells of its servers through its own server
is 0 "codex: installed" theirs "$DREAMQ" mcp install codex -o "$T/person/files" --yes
{
	printf '%s\n' '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"t","version":"1"}}}' '{"method":"initialized"}' \
		'{"id":2,"method":"mcpServerStatus/list","params":{}}'
	eventually 60 grep -q '"id":2' "$T/codex"
} | timeout 90 env -i HOME="$T/person" PATH=/usr/bin:/bin "$at/.bin/codex" app-server >"$T/codex" 2>/dev/null
jq -r 'select(.id == 2) | .result.data[] | select(.name == "dreamq") | .tools | keys[]' "$T/codex" >"$T/tools"
says "^dreamq_get$" "$T/tools" "  it is connected, and has its tools"

# --- of a project
is 0 "claude-code: of a project" theirs "$DREAMQ" mcp install claude-code --project . --yes
theirs "$claude" mcp list >"$T/out" 2>&1
says "dreamq" "$T/out" "  it is read"

# --- what is installed beside the server
is 0 "the marketplace" theirs "$claude" plugin validate "$SOURCE_ROOT"
is 0 "the plugin" theirs "$claude" plugin validate "$SOURCE_ROOT/plugins/dreamq" --strict
is 0 "  is added" theirs "$claude" plugin marketplace add "$SOURCE_ROOT"
is 0 "  is installed" theirs "$claude" plugin install dreamq@dreamq
theirs "$claude" mcp list >"$T/out" 2>&1
says "plugin:dreamq:dreamq: .*Connected" "$T/out" "  its server is connected"
equal "$(cat "$SOURCE_ROOT/skills/dreamina-query-result/SKILL.md")" \
	"$(cat "$T"/person/.claude/plugins/cache/dreamq/dreamq/*/skills/dreamina-query-result/SKILL.md)" "  its skill is ours"
is 0 "the skill" "$at/.bin/skills-ref" validate "$SOURCE_ROOT/skills/dreamina-query-result"
is 0 "a bundle" "$SOURCE_ROOT/tools/plugin" bundle "$DREAMQ" "$T/dreamq.mcpb"
is 0 "  is unpacked" "$at/.bin/mcpb" unpack "$T/dreamq.mcpb" "$T/unpacked"
is 0 "  its manifest holds" "$at/.bin/mcpb" validate "$T/unpacked/manifest.json"
is 0 "  its program runs" "$T/unpacked/server/dreamq" version
done_testing
