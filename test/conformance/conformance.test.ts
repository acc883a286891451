import { expect, test } from 'vitest';
import { listen } from '../workspaces/listen.ts';
import { startReferenceServer } from './reference-server.ts';
import { conformanceRows } from './rows.ts';
import { runSuite } from './run.ts';

conformanceRows({ name: 'the reference server itself', start: startReferenceServer });

test.each(['0.2', '0.1'] as const)('suite %s reports a server that knows no MCP', async (version) => {
  await using server = await listen(async (request, response) => {
    request.resume();
    response.writeHead(404).end();
  });
  const { failed, failures } = await runSuite({ version, url: `${server.origin}/mcp` });
  expect(failed).toBeGreaterThan(25);
  expect(failures).toHaveLength(failed);
  expect(failures.join('\n')).toContain('server-initialize: ');
});
