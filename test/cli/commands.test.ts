import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listAccounts } from '#bridge/cli/commands/accounts.ts';
import { addAccount, parseAdd } from '#bridge/cli/commands/add.ts';
import { actAs } from '#bridge/cli/commands/as.ts';
import { checkAccount } from '#bridge/cli/commands/check.ts';
import { endpoint } from '#bridge/cli/commands/endpoint.ts';
import { exportLog } from '#bridge/cli/commands/export.ts';
import { showLog } from '#bridge/cli/commands/log.ts';
import { removeAccount } from '#bridge/cli/commands/remove.ts';
import { rotateKey } from '#bridge/cli/commands/rotate.ts';
import { settings } from '#bridge/cli/commands/settings.ts';
import { showStatus } from '#bridge/cli/commands/status.ts';
import { updateAccount } from '#bridge/cli/commands/update.ts';
import { useAccount } from '#bridge/cli/commands/use.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { startWorld, text } from '../flows/world.ts';
import { startPlain } from '../workspaces/plain.ts';
import { startAll } from '../workspaces/start-all.ts';
import { partsOf, testTerminal } from './a-terminal.ts';

/** The commands over a whole bridge, and what the person sees of them. */
async function startDesk() {
  await using starting = new AsyncDisposableStack();
  const world = starting.use(await startWorld());
  const screen = testTerminal();
  const parts = partsOf(screen, world.bridge.control);
  const running = starting.move();
  return { world, screen, parts, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const plain = (url: string, label: string) =>
  parseAdd(['custom'], { url, label, ownNetwork: true, signIn: 'none', check: true });

test('without accounts and entries every list says the next step', async () => {
  await using desk = await startDesk();
  const { parts } = desk;
  expect((await listAccounts(parts)).lines).toEqual([
    'No account yet. Add your first workspace: gangway add --help',
  ]);
  expect((await showLog({ choice: {}, limit: 5, follow: false, clear: false }, parts)).lines).toEqual([
    'Nothing yet. Ask your assistant to list something.',
  ]);
  expect((await endpoint({ kind: 'list' }, parts)).lines).toEqual([
    'No token yet. Make one with: gangway endpoint --client LABEL',
  ]);
  expect((await showStatus(parts)).lines.join('\n')).toMatch(
    /Accounts\s+none yet; add one with: gangway add/,
  );
});

test('adding an account tells how far the check came and what to do next', async () => {
  await using desk = await startDesk();
  const token = canary('generic');
  await using workspace = await startPlain({ name: 'acme', tokens: { member: token } });
  const typed = parseAdd(['custom'], {
    url: workspace.url,
    label: 'Acme',
    ownNetwork: true,
    keyStdin: true,
    check: true,
  });
  desk.screen.stdin.end(`${token}\n`);
  const { lines, value } = await addAccount(typed, desk.parts);
  expect(lines).toEqual(['Added Acme as "acme". It is the current account.']);
  expect(desk.screen.stderr()).toContain(`✓ address reachable: ${new URL(workspace.url).host}`);
  expect(desk.screen.stderr()).toContain('✓ signed in');
  expect(desk.screen.stderr()).toContain('✓ you are: acme');
  expect(desk.screen.stderr()).toMatch(/✓ \d+ tools, protocol 2025-11-25/);
  expect(JSON.stringify(value)).not.toContain(token);
});

test('a refused key shows where the check stopped, and nothing is stored', async () => {
  await using desk = await startDesk();
  await using workspace = await startPlain({ tokens: { member: canary('generic') } });
  const typed = parseAdd(['custom'], { url: workspace.url, ownNetwork: true, keyStdin: true, check: true });
  desk.screen.stdin.end(`${canary('generic')}\n`);
  await expect(addAccount(typed, desk.parts)).rejects.toMatchObject({ code: 'sign-in-needed' });
  expect(desk.screen.stderr()).toContain('✓ address reachable');
  expect(desk.screen.stderr()).toContain('✗ signed in');
  expect((await listAccounts(desk.parts)).value).toEqual([]);
});

test('an address nobody answers at shows that', async () => {
  await using desk = await startDesk();
  const gone = await startPlain();
  await gone[Symbol.asyncDispose]();
  await expect(addAccount(plain(gone.url, 'Gone'), desk.parts)).rejects.toMatchObject({
    code: 'unreachable',
  });
  expect(desk.screen.stderr()).toContain('✗ address reachable');
});

test('the list shows marks, names, environment, who you are, acting as and health', async () => {
  await using desk = await startDesk();
  await using samples = await startAll();
  const { world, parts } = desk;
  const { keys } = samples;
  await world.add({
    connector: 'allv',
    url: samples.allv.url,
    user: 'ines@example.com',
    key: keys.allv,
    label: 'Ops',
    ownNetwork: true,
  });
  await world.add({
    connector: 'pelcro',
    url: samples.pelcroStaging.url,
    environment: 'staging',
    key: keys.pelcroStaging,
    label: 'Herald',
    ownNetwork: true,
  });
  await actAs({ account: 'ops', user: 'otto@example.com' }, parts);
  await updateAccount({ account: 'herald', rules: { readOnly: true } }, parts);
  const [heading = '', ops = '', herald = '', , legend] = (await listAccounts(parts)).lines;
  expect(heading.trim().split(/\s{2,}/)).toEqual([
    'LABEL',
    'NAME',
    'KIND',
    'ENVIRONMENT',
    'YOU ARE',
    'ACTING AS',
    'HEALTH',
  ]);
  expect(ops).toMatch(/^\*\s+Ops\s+ops\s+allv\s.*otto@example.com \(for now\)\s+ready, \d+ tools$/);
  expect(herald).toMatch(/^\+\s+Herald\s+herald\s+pelcro\s+STAGING\s.*read-only$/);
  expect(legend).toContain('* current account');
});

test('use and as say who follows and who stays', async () => {
  await using desk = await startDesk();
  await using one = await startPlain({ name: 'one' });
  await using two = await startPlain({ name: 'two' });
  const { world, parts } = desk;
  await addAccount(plain(one.url, 'One'), parts);
  await addAccount(plain(two.url, 'Two'), parts);
  expect((await useAccount({ account: 'one' }, parts)).lines.at(-1)).toBe(
    'No app is connected now; the next one starts there.',
  );
  const follower = await world.connect('http');
  const pinned = await world.connect('http', 'one');
  expect(await text(follower, 'whoami')).toContain('one');
  expect(await text(pinned, 'whoami')).toContain('one');
  const { lines } = await useAccount({ account: 'two' }, parts);
  expect(lines[0]).toBe('Two is the current account now, and the active custom account.');
  expect(lines[1]).toMatch(/^Follows from the next call: flows.*\(current\)$/);
  expect(lines[2]).toMatch(/^Stays where it is: flows.*\(one\)$/);
  expect(await text(follower, 'whoami')).toContain('two');
  const status = await showStatus(parts);
  expect(status.lines.join('\n')).toMatch(/flows.*http\s+current\s+Two/);
  expect(status.value).toMatchObject({ running: true, accounts: [{}, {}], sessions: [{}, {}] });
});

test('the log shows calls newest last, filters them by account name and exports them', async () => {
  await using desk = await startDesk();
  await using workspace = await startPlain({ name: 'one' });
  const { world, parts, screen } = desk;
  await addAccount(plain(workspace.url, 'One'), parts);
  const client = await world.connect('http');
  await text(client, 'whoami');
  await text(client, 'echo', { text: 'hello' });
  const options = { choice: {}, limit: 50, follow: false, clear: false };
  const shown = await showLog(options, parts);
  expect(shown.lines[0]).toMatch(/^TIME\s+CLIENT\s+ACCOUNT/);
  expect(shown.lines.at(-1)).toMatch(/One\s+-\s+tools echo\s+ok\s+\d+ ms$/);
  const filtered = await showLog({ ...options, choice: { account: 'one', target: 'whoami' } }, parts);
  expect(filtered.lines).toHaveLength(2);
  await expect(showLog({ ...options, choice: { account: 'nobody' } }, parts)).rejects.toMatchObject({
    code: 'account-unknown',
  });
  await using folder = await temporaryHome();
  const output = join(folder.path, 'calls.jsonl');
  const choice = { target: 'echo' };
  const written = await exportLog({ choice, format: 'jsonl', output }, parts);
  expect(JSON.parse(await readFile(output, 'utf8'))).toMatchObject({ target: 'echo', accountLabel: 'One' });
  expect((await stat(output)).mode & 0o777).toBe(0o600);
  expect(written?.value).toMatchObject({ output, format: 'jsonl' });
  await exportLog({ choice, format: 'csv', output: undefined }, parts);
  expect(screen.stdout()).toMatch(/^id,at,client.*\r\n\d+,.*,echo,ok,/);
});

test('a new key is tried, a wrong one changes nothing', async () => {
  await using desk = await startDesk();
  const [first, second, wrong] = [canary('generic'), canary('generic'), canary('generic')];
  await using workspace = await startPlain({ tokens: { first, second } });
  const account = await desk.world.add({
    connector: 'custom',
    url: workspace.url,
    ownNetwork: true,
    key: first,
    label: 'Keyed',
  });
  const typing = (key: string) => {
    const screen = testTerminal();
    screen.stdin.end(key);
    return rotateKey(
      { account: account.slug, keyStdin: true, check: true },
      { ...desk.parts, terminal: screen.terminal },
    );
  };
  await expect(typing(wrong)).rejects.toMatchObject({ code: 'sign-in-needed' });
  expect((await checkAccount({ account: 'keyed' }, desk.parts)).lines[0]).toMatch(
    /^Keyed: ready, \d+ tools$/,
  );
  expect((await typing(second)).lines).toEqual(['Keyed has a new key.']);
});

test('removing asks where somebody can answer, and a no removes nothing', async () => {
  await using desk = await startDesk();
  await using workspace = await startPlain();
  await addAccount(plain(workspace.url, 'Acme'), desk.parts);
  const remove = (answer: string) => {
    const screen = testTerminal(true);
    screen.stdin.write(`${answer}\r`);
    return removeAccount({ account: 'acme', yes: false }, { ...desk.parts, terminal: screen.terminal });
  };
  await expect(remove('n')).rejects.toMatchObject({ message: 'Nothing was removed.' });
  expect((await remove('y')).lines[0]).toContain('Removed Acme.');
  await expect(removeAccount({ account: 'acme', yes: true }, desk.parts)).rejects.toMatchObject({
    code: 'account-unknown',
  });
});

test('a token is shown once, listed without its secret and revoked', async () => {
  await using desk = await startDesk();
  const made = await endpoint({ kind: 'mint', address: 'current', client: 'cursor' }, desk.parts);
  const { headers } = made.value as { headers: { Authorization: string } };
  const token = headers.Authorization.replace('Bearer ', '');
  expect(made.lines).toEqual([
    expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
    `Authorization: Bearer ${token}`,
  ]);
  adoptSecret('local', token);
  const listed = await endpoint({ kind: 'list' }, desk.parts);
  expect(JSON.stringify(listed)).not.toContain(token);
  const [{ id }] = listed.value as [{ id: string }];
  expect((await endpoint({ kind: 'revoke', id }, desk.parts)).value).toEqual({ revoked: true });
  await expect(endpoint({ kind: 'revoke', id }, desk.parts)).rejects.toMatchObject({ code: 'invalid-input' });
});

test('settings are shown with what they do, one by one and changed', async () => {
  await using desk = await startDesk();
  const { parts } = desk;
  expect((await settings({ kind: 'all' }, parts)).lines.join('\n')).toMatch(/activityDays\s+90\s+days/);
  const change = { kind: 'set', key: 'activityDays', change: { activityDays: 7 } } as const;
  expect(await settings(change, parts)).toEqual({ value: { activityDays: 7 }, lines: ['activityDays: 7'] });
  expect((await settings({ kind: 'one', key: 'activityDays' }, parts)).value).toEqual({ activityDays: 7 });
});
