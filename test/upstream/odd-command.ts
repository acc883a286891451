import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

// A local MCP program that misbehaves on demand: options change how it starts and ends, tools how it answers.
const { values } = parseArgs({
  options: {
    /** Prints this to stderr and ends at once. */
    refuse: { type: 'string' },
    /** Never answers. */
    silent: { type: 'boolean' },
    /** Stays although stdin ended and although it is asked to terminate. */
    stubborn: { type: 'boolean' },
    /** Has a child of the same kind that holds on to its stdout. */
    child: { type: 'boolean' },
  },
});

if (values.refuse !== undefined) {
  process.stderr.write(`${values.refuse}\n`);
  process.exit(1);
}
if (values.stubborn) {
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 60_000);
}
const options = process.argv.slice(2).filter((option) => option !== '--child');
const child = values.child
  ? spawn(process.execPath, [process.argv[1] ?? '', ...options], { stdio: ['pipe', 'inherit', 'inherit'] })
  : undefined;

const tools: Readonly<Record<string, (line: string) => string>> = {
  exit: () => process.exit(3),
  crash: () => {
    process.kill(process.pid, 'SIGKILL');
    return '""';
  },
  environment: () => JSON.stringify(process.env),
  pids: () => JSON.stringify([process.pid, child?.pid].filter((pid) => pid !== undefined)),
  line: (line) => JSON.stringify(line),
  large: () => JSON.stringify('x'.repeat(33 << 20)),
  slow: () => '',
};

for await (const line of createInterface({ input: process.stdin })) {
  const id = /"id":("[^"]*"|[^,}]*)/.exec(line)?.[1];
  if (values.silent || id === undefined) continue;
  process.stderr.write(`heard ${line.length} characters\n`);
  const tool = /"name": ?"([^"]*)"/.exec(line)?.[1] ?? '';
  const result = tools[tool]?.(line) ?? '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{}}';
  if (result === '') continue;
  const answer = `{"jsonrpc":"2.0","id":${id},"result":${result}}\r\n`;
  process.stdout.write(`Some banner\n\n{"half":\n${answer}`);
  if (tool !== 'large') process.stdout.write(answer.replace('"result"', '"result":"second","x"'));
}
