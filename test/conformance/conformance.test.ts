import { expect, test } from 'vitest';
import { listen } from '../workspaces/listen.ts';
import { startReferenceServer } from './reference-server.ts';
import { conformanceRows, legacyRows, modernRows } from './rows.ts';
import { runSuite } from './run.ts';

conformanceRows({
  name: 'the reference server of MCP 2025-11-25 itself',
  start: () => startReferenceServer({ era: 'legacy' }),
  rows: legacyRows,
});
conformanceRows({
  name: 'the reference server of both revisions itself',
  start: () => startReferenceServer({ era: 'dual' }),
  rows: [...legacyRows, ...modernRows],
});
conformanceRows({
  name: 'the reference server of MCP 2026-07-28 itself',
  start: () => startReferenceServer({ era: 'modern' }),
  rows: modernRows,
});

test.each([
  { version: '0.2', wire: '2025-11-25', said: 'server-initialize: ' },
  { version: '0.1', wire: '2025-11-25', said: 'server-initialize: ' },
  { version: '0.2', wire: '2026-07-28', said: 'server-stateless: ' },
] as const)('suite $version at $wire reports a server that knows no MCP', async ({ version, wire, said }) => {
  await using server = await listen(async (request, response) => {
    request.resume();
    response.writeHead(404).end();
  });
  const { failures } = await runSuite({ version, wire, url: `${server.origin}/mcp` });
  expect(Object.keys(failures).length).toBeGreaterThan(25);
  expect(Object.keys(failures).join('\n')).toContain(said);
});
