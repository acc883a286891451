import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { canary } from '../canary/canary.ts';
import { startLegacySse } from '../workspaces/legacy-sse.ts';
import { startPlain } from '../workspaces/plain.ts';
import { installArtisan } from './artisan.ts';
import { Notices } from './notices.ts';
import { doors, failure, startWorld, text } from './world.ts';

describe.each(doors)('any other MCP server by %s', (door) => {
  test('a server without a sign-in gets no credential of any kind', async () => {
    await using plain = await startPlain();
    await using world = await startWorld();
    const account = await world.add({ connector: 'custom', label: 'Open', url: plain.url });
    expect(account).toMatchObject({ signIn: { kind: 'none' }, identity: { server: 'plain' } });
    const client = await world.connect(door);
    expect(JSON.parse(await text(client, 'whoami'))).toMatchObject({ token: 'anyone', headers: {} });
    for (const { headers } of plain.requests.all) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('cookie');
    }
  });

  test.each([
    { what: 'as a bearer token', keyHeader: undefined },
    { what: 'in a header of its own', keyHeader: 'X-Team-Key' },
  ])('a key travels $what, with every request', async ({ keyHeader }) => {
    const key = canary('generic');
    await using plain = await startPlain({ tokens: { ada: key }, ...(keyHeader ? { keyHeader } : {}) });
    await using world = await startWorld();
    await world.add({
      connector: 'custom',
      label: 'Keyed',
      url: plain.url,
      key,
      ...(keyHeader ? { keyHeader } : {}),
    });
    const client = await world.connect(door);
    expect(JSON.parse(await text(client, 'whoami'))).toMatchObject({ token: 'ada' });
    await plain.streams.atLeast(1);
    expect(new Set(plain.requests.all.map(({ principal }) => principal))).toEqual(new Set(['ada']));
    const unused = keyHeader ? 'authorization' : 'x-team-key';
    expect(plain.requests.all.filter(({ headers }) => headers[unused] !== undefined)).toEqual([]);
  });

  test('extra headers travel with every request; a secret one that is echoed is hidden from the client', async () => {
    const [key, secret] = [canary('bearer'), canary('generic')];
    await using plain = await startPlain({ tokens: { ada: key } });
    await using world = await startWorld();
    const account = await world.add({
      connector: 'custom',
      label: 'Extra',
      url: plain.url,
      key,
      headers: { 'X-Region': 'eu-1' },
      secretHeaders: { 'X-Gate-Pass': secret },
    });
    expect(account).toMatchObject({ headers: { 'x-region': 'eu-1' }, secretHeaders: ['x-gate-pass'] });
    expect(JSON.stringify(account)).not.toContain(secret);
    const client = await world.connect(door);
    const { headers } = JSON.parse(await text(client, 'whoami'));
    expect(headers).toMatchObject({ 'x-region': 'eu-1' });
    expect(headers['x-gate-pass']).not.toBe(secret);
    await plain.streams.atLeast(1);
    for (const seen of plain.requests.all) {
      expect(seen.headers).toMatchObject({ 'x-region': 'eu-1', 'x-gate-pass': secret });
    }
  });

  test('what is missing is said in words: a key, or the other transport', async () => {
    await using keyed = await startPlain({ tokens: { ada: canary('bearer') } });
    await using old = await startLegacySse();
    await using world = await startWorld();
    const { control } = world.bridge;
    const add = (url: string, transport?: 'sse') =>
      control.accounts.add({ connector: 'custom', url, ...(transport ? { transport } : {}) });
    await expect(add(keyed.url)).rejects.toMatchObject({
      code: 'sign-in-needed',
      message: expect.stringContaining(
        'asks for a sign-in. Add it again, with a key or with a sign-in in the browser.',
      ),
    });
    await expect(add(old.url)).rejects.toMatchObject({ code: 'bad-answer' });
    await expect(add(`${keyed.origin}/elsewhere`)).rejects.toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('has no MCP server at the address'),
    });
    expect(await control.accounts.list()).toEqual([]);
    await add(old.url, 'sse');
    expect(await text(await world.connect(door), 'echo', { text: 'x' })).toBe('old: x');
  });

  test('a workspace that is away when a client comes is served as soon as it is back', async () => {
    await using plain = await startPlain();
    await using world = await startWorld();
    await world.add({ connector: 'custom', label: 'Away', url: plain.url });
    plain.answerNext({ status: 410 });
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    expect(client.getServerVersion()).toMatchObject({ name: 'gangway' });
    await notices.atLeast('tools', 1);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
  });
});

describe.each(doors)('a workspace that forgets its sessions, by %s', (door) => {
  test.each(['notifications/initialized', 'tools/call'])('at %s: nobody notices', async (method) => {
    await using plain = await startPlain();
    await using world = await startWorld();
    await world.add({ connector: 'custom', label: 'Forgetful', url: plain.url });
    plain.requests.clear();
    plain.answerNext({ status: 404, when: ({ rpc }) => rpc?.method === method });
    const client = await world.connect(door);
    expect(await text(client, 'echo', { text: 'x' })).toBe('plain: x');
    expect(plain.requests.withMethod('initialize')).toHaveLength(2);
    await vi.waitFor(() => expect(plain.openSessions).toBe(1));
  });
});

describe.each(doors)('a server of MCP 2024-11-05 (HTTP+SSE) by %s', (door) => {
  test('calls, questions to the person and changes of its tools pass', async () => {
    const key = canary('bearer');
    await using old = await startLegacySse({ name: 'attic', tokens: { ada: key } });
    await using world = await startWorld();
    await world.add({ connector: 'custom', label: 'Attic', url: old.url, transport: 'sse', key });
    const notices = new Notices();
    const client = await world.connect(door, 'current', (prepared) => {
      notices.listen(prepared);
      prepared.setRequestHandler('elicitation/create', () => ({
        action: 'accept',
        content: { answer: 'yes' },
      }));
    });
    expect(await text(client, 'ask', { question: 'Sure?' })).toBe('attic: yes');
    expect(JSON.parse(await text(client, 'whoami'))).toEqual({ workspace: 'attic', token: 'ada' });
    const tool = await old.changeTools();
    await notices.atLeast('tools', 1);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain(tool);
    expect(new Set(old.requests.all.map(({ principal }) => principal))).toEqual(new Set(['ada']));
  });

  test('a stream that breaks is opened again for the next call', async () => {
    await using old = await startLegacySse({ name: 'attic' });
    await using world = await startWorld();
    await world.add({ connector: 'custom', label: 'Attic', url: old.url, transport: 'sse' });
    const client = await world.connect(door);
    expect(await text(client, 'echo', { text: '1' })).toBe('attic: 1');
    old.cutConnections();
    // A call that meets the break itself may be lost, because nobody knows whether it was carried out.
    await text(client, 'echo', { text: 'lost' }).catch(({ code }) => expect(code).toBe(-31012));
    expect(await text(client, 'echo', { text: '2' })).toBe('attic: 2');
    await vi.waitFor(() => expect(old.openSessions).toBe(1));
  });

  test('a client switches between it and a newer server, and its session there ends', async () => {
    await using old = await startLegacySse({ name: 'attic' });
    await using plain = await startPlain({ name: 'new' });
    await using world = await startWorld();
    await world.add({ connector: 'custom', label: 'Attic', url: old.url, transport: 'sse' });
    await world.add({ connector: 'custom', label: 'New', url: plain.url });
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    expect(await text(client, 'echo', { text: '1' })).toBe('attic: 1');
    await world.bridge.control.accounts.use({ account: 'new' });
    await notices.atLeast('tools', 1);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('progress');
    expect(await text(client, 'echo', { text: '2' })).toBe('new: 2');
    // What the first server lacks is empty there, although the client was promised such lists.
    expect((await client.listPrompts()).prompts).toHaveLength(1);
    await world.bridge.control.accounts.use({ account: 'attic' });
    await notices.atLeast('tools', 2);
    expect(await text(client, 'echo', { text: '3' })).toBe('attic: 3');
    expect((await client.listPrompts()).prompts).toEqual([]);
    await vi.waitFor(() => expect(old.openSessions).toBe(1));
  });
});

describe.each(doors)('a local command by %s', (door) => {
  test('it serves calls, gets no secret of this computer, and a client switches to and from it', async () => {
    await using artisan = await installArtisan('acme');
    await using plain = await startPlain();
    await using world = await startWorld();
    // The environment of every program that a test starts is searched for secrets.
    vi.stubEnv('SOMEBODYS_API_KEY', canary('generic'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const { command } = artisan;
    const account = await world.add({ connector: 'custom', label: 'Local', command });
    expect(account).toMatchObject({
      upstream: { kind: 'command', command: process.execPath },
      identity: { server: 'allegro-acme', tools: 16 },
    });
    await world.add({ connector: 'custom', label: 'Plain', url: plain.url });
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    expect(await text(client, 'list-products')).toContain('"tenant":"acme"');
    await world.bridge.control.accounts.use({ account: 'plain' });
    await notices.atLeast('tools', 1);
    expect(await text(client, 'echo', { text: 'x' })).toBe('plain: x');
    await world.bridge.control.accounts.use({ account: 'local' });
    await notices.atLeast('tools', 2);
    expect(await text(client, 'list-products')).toContain('"tenant":"acme"');
    // One start for the check, one for each time the client came to it.
    expect(await artisan.starts()).toBe(3);
  });

  test('a program that does not exist is said in words', async () => {
    await using world = await startWorld();
    const missing = world.add({ connector: 'custom', command: ['gangway-no-such-program'] });
    await expect(missing).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('There is no such program or folder.'),
    });
    await world.add({
      connector: 'custom',
      label: 'Missing',
      command: ['gangway-no-such-program'],
      check: false,
    });
    const client = await world.connect(door);
    expect(await failure(text(client, 'echo', { text: 'x' }))).toMatchObject({ code: -31004 });
  });

  test('a key never goes on its command line', async () => {
    await using world = await startWorld();
    await using artisan = await installArtisan('acme');
    const [command, ...rest] = artisan.command;
    for (const given of [
      { command: [command!, ...rest, canary('allv')] },
      { command: [command!, ...rest], key: canary('bearer') },
      { command: [command!, ...rest], secretHeaders: { 'x-gate-pass': canary('generic') } },
    ]) {
      await expect(world.add({ connector: 'custom', ...given })).rejects.toMatchObject({
        code: 'invalid-input',
      });
    }
    expect((await (await world.connect(door)).listTools()).tools).toEqual([]);
  });
});
