import { test } from 'vitest';
import { connect } from '#bridge/upstream/connect.ts';
import { ask, quickHttp, troubleOf, workspaceAt } from './asking.ts';

/** Answers the first line, then stops reading and ends a little later. */
const ENDS = `
process.stdin.once('data', () => {
  process.stdin.pause();
  const result = '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{}}';
  process.stdout.write('{"jsonrpc":"2.0","id":"hello","result":' + result + '}\\n');
  setTimeout(() => process.exit(3), 200);
});`;

test('a command that ends while a large message is on its way leaves the outcome unknown', async () => {
  await using http = quickHttp();
  const workspace = workspaceAt({ kind: 'command', command: process.execPath, args: ['-e', ENDS] });
  await using channel = connect(workspace, http);
  await ask(channel, 'initialize', { id: '"hello"', params: '{}' });
  const params = JSON.stringify({ name: 'write', arguments: { text: 'x'.repeat(4 << 20) } });
  troubleOf(await ask(channel, 'tools/call', { params }), 'outcome-unknown', true);
});
