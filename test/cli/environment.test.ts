import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { startPlain } from '../workspaces/plain.ts';
import { gangway, MAIN, startServe } from './processes.ts';

test('HV-27 no variable and no file beside a program leads an account elsewhere or gives it another key', async () => {
  const folder = (await temporaryHome()).path;
  const key = canary('generic');
  await using workspace = await startPlain({ name: 'mine', tokens: { member: key } });
  await using elsewhere = await startPlain({ name: 'elsewhere' });
  const names = ['ALLEGRO', 'PELCRO', 'ALLV', 'ALY', 'CUSTOM', 'GANGWAY', 'MCP', 'OPENAI', 'ANTHROPIC'];
  const environment = Object.fromEntries(
    names.flatMap((name) => [
      [`${name}_BASE_URL`, elsewhere.url],
      [`${name}_URL`, elsewhere.url],
      [`${name}_SERVER_URL`, elsewhere.url],
      [`${name}_API_KEY`, 'not-the-key'],
      [`${name}_TOKEN`, 'not-the-key'],
    ]),
  );
  const beside = join(folder, 'project');
  await mkdir(beside);
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  await writeFile(join(beside, '.env'), [...lines, 'GANGWAY_HOME=elsewhere', ''].join('\n'));
  await writeFile(join(beside, '.npmrc'), `registry=${elsewhere.origin}\nproxy=${elsewhere.origin}\n`);

  const options = { home: join(folder, 'data'), environment, cwd: beside };
  await using _serve = await startServe(options);
  const words = ['add', 'custom', '--url', workspace.url, '--own-network', '--label', 'Mine', '--key-stdin'];
  expect((await gangway(words, { ...options, input: `${key}\n` })).code).toBe(0);
  const client = new Client({ name: 'test-app', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [MAIN, 'stdio', '--home', options.home],
      env: { ...environment, HTTP_PROXY: elsewhere.origin, HTTPS_PROXY: elsewhere.origin },
      cwd: beside,
    }),
  );
  const said = await client.callTool({ name: 'whoami', arguments: {} });
  await client.close();
  expect(JSON.stringify(said)).toContain('member');
  expect(new Set(workspace.requests.all.map(({ principal }) => principal))).toEqual(new Set(['member']));
  expect(elsewhere.requests.all).toEqual([]);
});
