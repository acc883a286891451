import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

// A local MCP program of the modern era that misbehaves on demand: options say how it meets the probe, tools how it
// answers.
const { values } = parseArgs({
  options: {
    /** How `server/discover` is met: answered, never, after the next line, by an end, by an error of older programs. */
    probe: { type: 'string', default: 'answer' },
  },
});

const MODERN = '{"supportedVersions":["2026-07-28"],"capabilities":{},"ttlMs":0,"cacheScope":"private"}';
const tools: Readonly<Record<string, (line: string) => string>> = {
  exit: () => process.exit(3),
  pid: () => JSON.stringify({ resultType: 'complete', pid: process.pid }),
  line: (line) => `{"resultType":"x-odd", "line":${JSON.stringify(line)},"n":12345678901234567890}`,
  quiet: () => '',
};

const say = (id: string, tail: string): void =>
  void process.stdout.write(`{"jsonrpc":"2.0","id":${id},${tail}}\n`);
let owed: string | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const id = /"id":("[^"]*"|[^,}]*)/.exec(line)?.[1];
  if (owed !== undefined) say(owed, `"result":${MODERN}`);
  owed = undefined;
  if (id === undefined) continue;
  if (!line.includes('"server/discover"')) {
    const tool = /"name": ?"([^"]*)"/.exec(line)?.[1] ?? '';
    const result =
      tools[tool]?.(line) ?? '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{}}';
    if (result !== '') say(id, `"result":${result}`);
  } else if (values.probe === 'end') {
    process.stderr.write('I end when asked that\n');
    process.exit(1);
  } else if (values.probe === 'late') owed = id;
  else if (values.probe === 'error') say(id, '"error":{"code":-32602,"message":"not initialized"}');
  else if (values.probe === 'answer') say(id, `"result":${MODERN}`);
}
