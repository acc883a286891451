import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { collect } from '../canary/collect.ts';
import { aSetup, CURSOR } from './a-setup.ts';

const CODEX = '.codex/config.toml';

test('what somebody set in our entry besides stays when it is written again, and is said', async () => {
  const setup = await aSetup();
  const secret = canary('generic');
  await setup.put(CURSOR, '{}');
  await setup.connect('cursor');
  const edited = (await setup.read(CURSOR)).replace(
    '"headers": {',
    `"disabled": true, "disabledTools": ["pay"], "env": { "KEY": "${secret}" }, "headers": {`,
  );
  await setup.put(CURSOR, edited);
  setup.world.port = 4300;
  const preview = await setup.preview('cursor');
  expect(preview.said).toContain('What was set in it besides stays: disabledTools, env.');
  expect(preview.added).toContain('"pay"');
  await setup.connect('cursor');
  expect(JSON.parse(await setup.read(CURSOR)).mcpServers.gangway).toEqual({
    url: 'http://127.0.0.1:4300/mcp',
    headers: { Authorization: expect.stringMatching(/^Bearer gw_/) },
    disabledTools: ['pay'],
    env: { KEY: expect.any(String) },
  });
  expect(setup.connection('cursor').state).toBe('waiting');
  // By another door the app may not know these fields.
  await setup.connect('cursor', 'current', 'stdio');
  expect(Object.keys(JSON.parse(await setup.read(CURSOR)).mcpServers.gangway)).toEqual(['command', 'args']);
});

test('the address of an entry that is written again is shown as it is, however long its words are', async () => {
  const setup = await aSetup();
  const [account] = setup.world.accounts;
  if (!account) throw new Error('no account');
  const slug = account.slug.replace(/.*/, 'acme-europe-production-2027') as typeof account.slug;
  setup.world.accounts = [{ ...account, slug }];
  await setup.put(CURSOR, '{}');
  await setup.connect('cursor', slug);
  const { added } = await setup.preview('cursor', slug);
  expect(added).toContain(`"http://127.0.0.1:4100/mcp/${slug}"`);
});

test('an entry of Continue, whose name is a field of it, is written again with one name', async () => {
  const setup = await aSetup();
  const file = '.continue/config.yaml';
  await setup.put(file, 'name: Mine\nmcpServers:\n  - name: files\n    command: files\n');
  await setup.connect('continue');
  const before = await setup.read(file);
  await setup.connect('continue');
  const bare = (text: string): string => text.replace(/gw_[\w-]{43}/, 'key');
  expect(bare(await setup.read(file))).toBe(bare(before));
});

test('tools that were switched off in an entry stay so when it is brought here', async () => {
  const setup = await aSetup();
  const entry = { url: 'https://mcp.shop.example/mcp', disabledTools: ['pay'], autoApprove: ['list'] };
  await setup.put(CURSOR, JSON.stringify({ mcpServers: { shop: entry } }));
  await setup.setups.look();
  const [found] = (await setup.setups.foreign()).entries;
  const { token, said } = await setup.setups.previewMigration({ id: found?.id ?? '' });
  expect(said).toContain('What was set in it besides stays: disabledTools.');
  await setup.setups.write(token, AbortSignal.timeout(5000));
  expect(JSON.parse(await setup.read(CURSOR)).mcpServers.shop).toEqual({
    url: 'http://127.0.0.1:4100/mcp/brought',
    headers: { Authorization: expect.stringMatching(/^Bearer gw_/) },
    disabledTools: ['pay'],
  });
});

test('CF-14 another entry between the pieces of ours is shown without its secrets, and stays', async () => {
  const setup = await aSetup();
  const secret = 'pa55-word';
  await setup.put(CODEX, 'model = "o9"\n');
  await setup.connect('codex');
  const between = `\n[mcp_servers.other]\ncommand = "x"\nenv = { PLACE = "${secret}" }\n`;
  const tools = '\n[mcp_servers.gangway.tools.search]\napproval_mode = "approve"\n';
  await setup.put(CODEX, `${await setup.read(CODEX)}${between}${tools}`);
  const removal = await setup.setups.previewRemoval({ client: 'codex' });
  const { added, removed, token } = await setup.preview('codex');
  for (const text of [added, removed, removal.removed]) {
    collect('preview', text);
    expect(text).toContain('mcp_servers.other');
    expect(text).not.toContain(secret);
  }
  await setup.setups.write(token, AbortSignal.timeout(5000));
  expect(await setup.read(CODEX)).toContain(between);
  expect(await setup.read(CODEX)).toContain('approval_mode = "approve"');
  await setup.disconnect('codex');
  expect(await setup.read(CODEX)).toBe(`model = "o9"\n${between}`);
});
