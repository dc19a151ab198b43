// long.mjs - the official clients wait for a video that takes long, each in its own way:
//
//     node long.mjs LABEL=ID...    prints "ok LABEL" or "not ok LABEL"; mcp_long.t counts
//
//   legacy, modern    dreamq_get again and again, with the client's own limit of 60 s a call
//   cut               a client that gives up every call long before it returns
//   tasks             the tasks extension: one call, then its official session asks
//
// A label with "-killed" at its end has its server killed twice while it waits. DREAMQ is the
// program, FOLDER where files go, LONG how many seconds the video takes.
import { Client as Legacy } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Client as Modern } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { createTaskSessionFromClient, resultFromTaskOutcome } from '@modelcontextprotocol/ext-tasks/client';

const { DREAMQ, FOLDER } = process.env, seconds = Number(process.env.LONG);
const me = { name: 'long', version: '1' }, version = '2026-07-28', extension = 'io.modelcontextprotocol/tasks';
const capabilities = { extensions: { [extension]: {} } };
const began = Date.now(), past = () => (Date.now() - began) / 1000, sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const how = (label) => ({ command: DREAMQ, args: ['mcp', '-q', '-o', `${FOLDER}/${label}`], env: process.env });
const pinned = { versionNegotiation: { mode: { pin: version } } };
const report = (is, label, detail) => console.log(is ? `ok ${label}` : `not ok ${label}: ${detail}`);

const connect = async (label) => {
  const is = (way) => label.startsWith(way);
  const client = is('legacy') || is('cut') ? new Legacy(me) : new Modern(me, is('tasks') ? { ...pinned, capabilities } : pinned);
  const transport = client instanceof Legacy ? new LegacyStdio(how(label)) : new ModernStdio(how(label));
  await client.connect(transport);
  return { client, transport };
};
const shoot = (transport) => transport.pid && process.kill(transport.pid, 'SIGKILL');
const kill = async ({ client, transport }) => {
  shoot(transport);
  await client.close().catch(() => {});
};

// Asks again until all is there, as an agent is told to; returns what it heard last.
async function wait(label, id, kills) {
  const options = label.startsWith('cut') ? { timeout: 15000 } : {}, params = { name: 'dreamq_get', arguments: { ids: [id], max_wait_s: 40 } };
  let at = await connect(label), cuts = 0;
  while (past() < seconds * 2 + 120) {
    const { transport } = at, dies = kills.length > 0 && past() > kills[0];
    const killer = dies && setTimeout(() => shoot(transport), 3000);
    const call = at.client instanceof Legacy ? at.client.callTool(params, undefined, options) : at.client.callTool(params, options);
    const { structuredContent: heard } = await call.catch((e) => (cuts++, { structuredContent: { error: e.message } }));
    if (dies) {
      clearTimeout(killer);
      kills.shift();
      await kill(at);
      at = await connect(label);
    }
    if (heard?.complete) {
      await at.client.close();
      return { ...heard, cuts };
    }
    await sleep(Math.min(heard?.call_again_after_s ?? 1, 5) * 1000);
  }
  return { error: 'it came to no end', cuts };
}

// One call; what it became is asked for by the official session, which a kill takes along.
function session({ client, transport }) {
  let next = 0;
  const waiting = new Map(), heard = transport.onmessage;
  transport.onmessage = (message, extra) => (waiting.has(message.id) ? waiting.get(message.id)(message) : heard?.(message, extra));
  const rawDispatch = (request) => new Promise((resolve, reject) => {
    const id = `raw-${next++}`;
    waiting.set(id, (message) => (waiting.delete(id), resolve(message.error ? { error: message.error } : { result: message.result })));
    transport.send({ ...request, jsonrpc: '2.0', id }).catch(reject);
  });
  return createTaskSessionFromClient(client, { endpointId: 'dreamq', rawDispatch,
    v2RequestFraming: { protocolVersion: version, clientInfo: me, clientCapabilities: capabilities } });
}

async function ask(label, id, kills) {
  let at = await connect(label), reference;
  let execution = await session(at).callTool('dreamq_get', { ids: [id] });
  for (const when of kills) {
    await execution.handoff((kept) => void (reference = kept));
    await sleep(Math.max(0, when - past()) * 1000);
    await kill(at);
    at = await connect(label);
    execution = await session(at).resumeTask(reference);
  }
  const { outcome } = await execution.settle();
  const { structuredContent } = resultFromTaskOutcome(outcome);
  await at.client.close();
  return structuredContent;
}

await Promise.all(process.argv.slice(2).map(async (word) => {
  const [label, id] = word.split('='), kills = label.endsWith('-killed') ? [seconds * 0.3, seconds * 0.6] : [];
  const heard = await (label.startsWith('tasks') ? ask : wait)(label, id, kills).catch((e) => ({ error: e.stack }));
  report(heard?.complete && heard.files?.length === 1 && past() >= seconds * 0.9, `${label}: found and fetched after ${Math.round(past())} s`, JSON.stringify(heard)?.slice(0, 900));
  if (label.startsWith('cut')) report(heard?.cuts > 0, `${label}: calls were cut`, heard?.cuts);
}));
