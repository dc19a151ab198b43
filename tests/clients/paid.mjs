// paid.mjs - the official clients of the Model Context Protocol ask a person before a tool of
// 'dreamq mcp' pays or removes: each in its way, with a yes, a no, and a form that is closed.
//
//     node paid.mjs     prints "ok LABEL" or "not ok LABEL"; tests/run/mcp_clients.t counts
//
// DREAMQ is the program; FOLDER is where files go; URL and TOKEN are of a server by HTTP.
import { Client as Legacy } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client as Modern, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';

const { DREAMQ, FOLDER, URL: address, TOKEN } = process.env;
const me = { name: 'paid', version: '1' };
const how = { command: DREAMQ, args: ['mcp', '-q', '-o', FOLDER, '--allow-submit', '--allow-delete'], env: process.env };
const http = address && [new URL(address), { requestInit: { headers: { Authorization: `Bearer ${TOKEN}` } } }];
const forms = { capabilities: { elicitation: { form: {} } } };
const clients = {
  'sdk 1.x': [() => new Legacy(me, forms), () => new LegacyStdio(how)],
  'client 2.x, legacy': [() => new Modern(me, forms), () => new ModernStdio(how)],
  'client 2.x, auto': [() => new Modern(me, { ...forms, versionNegotiation: { mode: 'auto' } }), () => new ModernStdio(how)],
  'client 2.x, 2026-07-28': [() => new Modern(me, { ...forms, versionNegotiation: { mode: { pin: '2026-07-28' } } }), () => new ModernStdio(how)],
};
const byHttp = {
  'sdk 1.x, HTTP': [() => new Legacy(me, forms), () => new LegacyHttp(...http)],
  'client 2.x, 2026-07-28, HTTP': [() => new Modern(me, { ...forms, versionNegotiation: { mode: { pin: '2026-07-28' } } }), () => new ModernHttp(...http)],
};
const report = (is, label, detail) => console.log(is ? `ok ${label}` : `not ok ${label}: ${detail}`);
const yes = { action: 'accept', content: { confirm: true } };

async function drive(label, client, transport) {
  const questions = [];
  let says = yes;
  const answer = (request) => {
    questions.push(request.params.message);
    return says;
  };
  client.setRequestHandler(client instanceof Legacy ? ElicitRequestSchema : 'elicitation/create', answer);
  await client.connect(transport);
  await client.listTools(); // the output schemas
  const call = async (name, args) => {
    const params = { name, arguments: args };
    const result = await (client instanceof Legacy ? client.callTool(params, undefined) : client.callTool(params));
    return result.structuredContent ?? JSON.parse(result.content[0].text).error;
  };
  const prompt = `a cat of ${label} [seconds=0] [items=1]`;
  for (const no of [{ action: 'decline' }, { action: 'cancel' }]) {
    says = no;
    const told = await call('dreamq_submit', { prompt });
    report(told.outcome === 'declined' && !told.submit_id, `${label}: ${no.action} submits nothing`, JSON.stringify(told));
  }
  says = yes;
  const made = await call('dreamq_submit', { prompt });
  report(made.outcome === 'submitted' && !made.known, `${label}: a yes submits`, JSON.stringify(made));
  report(questions.length === 3 && questions[2].includes(prompt), `${label}: the person reads the prompt`, questions);
  const same = await call('dreamq_submit', { prompt });
  report(same.submit_id === made.submit_id && same.known && questions.length === 3, `${label}: again is the same task, and no question`, JSON.stringify(same));
  const run = await call('dreamq_run', { prompt: prompt + ' run' });
  report(run.complete && run.files.length === 1, `${label}: run brings the file`, JSON.stringify(run));
  const reroll = await call('dreamq_reroll', { id: made.submit_id });
  report(reroll.outcome === 'submitted' && reroll.submit_id !== made.submit_id, `${label}: reroll`, JSON.stringify(reroll));
  const cancel = await call('dreamq_cancel', { ids: [run.submit_id] });
  report(cancel.tasks[0].outcome === 'ended', `${label}: what has ended is not cancelled`, JSON.stringify(cancel));
  const forgotten = await call('dreamq_forget', { ids: [reroll.submit_id] });
  report(forgotten.tasks[0].outcome === 'forgotten', `${label}: forget`, JSON.stringify(forgotten));
  await client.close();
}

await Promise.all(Object.entries({ ...clients, ...(address ? byHttp : {}) }).map(([label, [client, transport]]) =>
  drive(label, client(), transport()).catch((e) => report(false, `${label}: came to its end`, e.stack))));
