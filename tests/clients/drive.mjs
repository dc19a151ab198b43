// drive.mjs - the official clients of the Model Context Protocol drive 'dreamq mcp': the
// legacy one, and that of 2026-07-28 in each of its ways of connecting. Both check every
// structured result against the tool's output schema.
//
//     node drive.mjs     prints "ok LABEL" or "not ok LABEL"; tests/run/mcp_clients.t counts
//
// DREAMQ is the program; DONE, SLOW and FAILED are ids; FOLDER is where files go.
import { execFileSync } from 'node:child_process';
import { Client as Legacy } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client as Modern } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';

const { DREAMQ, DONE, SLOW, FAILED, FOLDER } = process.env;
const me = { name: 'drive', version: '1' };
const how = { command: DREAMQ, args: ['mcp', '-q', '-o', FOLDER], env: process.env };
const clients = {
  'sdk 1.x': [() => new Legacy(me), () => new LegacyStdio(how)],
  'client 2.x, legacy': [() => new Modern(me), () => new ModernStdio(how)],
  'client 2.x, auto': [() => new Modern(me, { versionNegotiation: { mode: 'auto' } }), () => new ModernStdio(how)],
  'client 2.x, 2026-07-28': [() => new Modern(me, { versionNegotiation: { mode: { pin: '2026-07-28' } } }), () => new ModernStdio(how)],
};
const calls = {
  dreamq_get: { ids: [DONE] },
  dreamq_list: { limit: 5 },
  dreamq_preview: { id: DONE },
  dreamq_query: { ids: [DONE, FAILED, SLOW] },
  dreamq_show: { id: DONE },
  dreamq_stats: {},
  dreamq_status: {},
  dreamq_sync: { limit: 1, max_wait_s: 1 },
  dreamq_verify: {},
  dreamq_wait: { ids: [DONE, FAILED] },
};
const report = (is, label, detail) => console.log(is ? `ok ${label}` : `not ok ${label}: ${detail}`);

// Of the old client the schema of results stands between parameters and options.
const caller = (client) => (params, options) =>
  client instanceof Legacy ? client.callTool(params, undefined, options) : client.callTool(params, options);

async function drive(label, client, transport) {
  await client.connect(transport);
  const call = caller(client);
  const { tools } = await client.listTools();
  report(JSON.stringify(tools.map((t) => t.name)) === JSON.stringify(Object.keys(calls)), `${label}: lists the tools`, tools.length);
  for (const [name, args] of Object.entries(calls)) {
    const result = await call({ name, arguments: args });
    const is = name === 'dreamq_preview' ? result.content[1]?.type === 'image' : result.structuredContent;
    report(!result.isError && is && result.content[0].type === 'text', `${label}: ${name}`, JSON.stringify(result).slice(0, 300));
  }
  const { resources } = await client.listResources();
  const { contents } = await client.readResource({ uri: `dreamq://file/${DONE}/0` });
  report(resources.some((r) => r.uri === `dreamq://task/${DONE}`) && contents[0].blob.length > 100, `${label}: resources`, resources.length);
  const told = [], uri = `dreamq://task/${SLOW}`;
  client.setNotificationHandler(client instanceof Legacy ? ResourceUpdatedNotificationSchema : 'notifications/resources/updated', (n) => void told.push(n.params.uri));
  const stream = /auto|2026/.test(label) ? await client.listen({ resourceSubscriptions: [uri] }) : void (await client.subscribeResource({ uri }));
  execFileSync(DREAMQ, ['tag', '-q', SLOW, `+${label.replaceAll(/\W/g, '')}`]);
  for (let i = 0; i < 100 && told.length === 0; i++) await new Promise((r) => setTimeout(r, 100));
  await (stream ? stream.close() : client.unsubscribeResource({ uri }));
  report(told[0] === uri, `${label}: is told what another process changed`, told);
  const wrong = await call({ name: 'dreamq_query', arguments: { ids: [] } });
  report(wrong.isError && JSON.parse(wrong.content[0].text).error.class === 'arguments', `${label}: wrong arguments are a result`, JSON.stringify(wrong));
  const unknown = await call({ name: 'dreamq_nothing', arguments: {} }).then(() => 'taken', (e) => e.code);
  report(unknown === -32602, `${label}: an unknown tool is an error`, unknown);
  const heard = [];
  await call({ name: 'dreamq_wait', arguments: { ids: [SLOW], max_wait_s: 3 } }, { onprogress: (p) => heard.push(p) });
  report(heard.length > 0 && heard[0].total > 0, `${label}: progress is heard`, heard.length);
  const stop = new AbortController();
  setTimeout(() => stop.abort('enough'), 200);
  const cut = await call({ name: 'dreamq_wait', arguments: { ids: [SLOW], max_wait_s: 40 } }, { signal: stop.signal }).then(() => 'answered', () => 'cut');
  const after = await call({ name: 'dreamq_show', arguments: { id: SLOW } });
  report(cut === 'cut' && !after.structuredContent.task.ended, `${label}: a cancelled wait leaves the task alone`, cut);
  await client.close();
}

await Promise.all(Object.entries(clients).map(([label, [client, transport]]) =>
  drive(label, client(), transport()).catch((e) => report(false, `${label}: came to its end`, e.stack))));
