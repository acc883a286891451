import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { SessionLost, type UpMessage } from '#bridge/upstream/channel.ts';
import { connect } from '#bridge/upstream/connect.ts';
import type { Waits } from '#bridge/upstream/http.ts';
import type { Account } from '#contract/account.ts';
import { canary } from '../canary/canary.ts';
import { NODE } from '../compiled/node.ts';
import { answerOf, ask, quickHttp, type TestWorkspace, troubleOf, workspaceAt } from './asking.ts';

const ODD = join(import.meta.dirname, 'odd-command.ts');
const ALLEGRO = join(import.meta.dirname, '../workspaces/allegro-command.ts');
const HELLO = '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}';

function seatFor(workspace: TestWorkspace, waits: Partial<Waits> = {}) {
  const http = quickHttp({ shutdownMs: 1000, ...waits });
  const channel = connect(workspace, http);
  return {
    channel,
    workspace,
    async [Symbol.asyncDispose]() {
      await channel[Symbol.asyncDispose]();
      await http[Symbol.asyncDispose]();
    },
  };
}

function seatAt(args: readonly string[], waits?: Partial<Waits>) {
  const command = { kind: 'command' as const, command: process.execPath, args: [ODD, ...args] };
  return seatFor(workspaceAt(command, { signIn: { kind: 'none' } }), waits);
}

function allegro(args: readonly string[], more: Partial<Account> = {}) {
  const command = { kind: 'command' as const, command: NODE[0], args: [...NODE.slice(1), ALLEGRO, ...args] };
  return seatFor(workspaceAt(command, { connector: 'allegro', signIn: { kind: 'none' }, ...more }));
}

const greet = (seat: { channel: Parameters<typeof ask>[0] }) =>
  ask(seat.channel, 'initialize', { params: HELLO });
const tool = (name: string): { params: string } => ({ params: `{"name":"${name}"}` });

/** Whether the process still runs; one that ended and was not collected yet does not. */
function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a local command', () => {
  test('starts, shakes hands, acts as the chosen user and answers', async () => {
    await using seat = allegro(['--tenant=acme'], { user: { by: 'email', value: 'member@example.com' } });
    expect(answerOf(await greet(seat))).toMatchObject({
      result: { serverInfo: { name: expect.any(String) } },
    });
    await seat.channel.send(
      Buffer.from('{"jsonrpc":"2.0","method":"notifications/initialized"}'),
      new AbortController().signal,
    );
    const list = answerOf(await ask(seat.channel, 'tools/list', { params: '{}' }));
    expect(list).toMatchObject({
      result: { tools: expect.arrayContaining([expect.objectContaining({ name: 'list-products' })]) },
    });
    const call = answerOf(
      await ask(seat.channel, 'tools/call', { params: '{"name":"list-products","arguments":{}}' }),
    );
    expect(JSON.stringify(call)).toContain('acme');
  });

  test('that refuses to start is quoted, and not started again', async () => {
    await using seat = allegro(['--tenant=acme', '--user=nobody@example.com']);
    for (let count = 0; count < 2; count += 1) {
      const { message } = troubleOf(await greet(seat), 'refused', false);
      expect(message).toBe(
        'The local command of Acme refused to start. It says: "No user of this tenant has this address."',
      );
    }
  });

  test('that complains with a secret, control characters and much text is quoted in one short line', async () => {
    const secret = workspaceAt('http://127.0.0.1/').key;
    const { account, ...rest } = workspaceAt({
      kind: 'command',
      command: process.execPath,
      args: [ODD, `--refuse=${'much '.repeat(1000)}\u0007\u202ebad thing`],
    });
    await using seat = seatFor({
      ...rest,
      account,
      withoutSecrets: (text) => text.replaceAll(secret, '[removed]'),
    });
    const { message } = troubleOf(await greet(seat), 'refused');
    expect(message).toMatch(/ It says: "[a-z ]+bad thing"$/);
  });

  test.each([
    ['does not exist', '/nowhere/at-all', 'no such program'],
    ['may not be run', ODD.replace('odd-command.ts', 'hostile.ts'), 'may not be run'],
  ])('that %s is told in words', async (_, command, words) => {
    await using seat = seatFor(workspaceAt({ kind: 'command', command, args: [] }));
    expect(troubleOf(await greet(seat), 'refused', false).message).toContain(words);
  });

  test('that never answers initialize is given up', async () => {
    await using seat = seatAt(['--silent'], { commandStartMs: 100 });
    expect(troubleOf(await greet(seat), 'refused').message).toContain('did not answer in time');
  });

  test('may take longer over a call than over its start, and its end is then no failed start', async () => {
    await using seat = seatAt([], { commandStartMs: 2000 });
    answerOf(await greet(seat));
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const call = ask(seat.channel, 'tools/call', tool('slow'));
      vi.advanceTimersByTime(10 * 60_000);
      const crash = await ask(seat.channel, 'tools/call', tool('crash'));
      troubleOf(crash, 'outcome-unknown', true);
      troubleOf(await call, 'outcome-unknown', true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what goes over its pipes', () => {
  test('banners, blank lines, halves and second answers are dropped', async () => {
    await using seat = seatAt([]);
    answerOf(await greet(seat));
    for (const id of ['7', '"7"', '8']) {
      const { result } = answerOf(await ask(seat.channel, 'tools/call', { ...tool('line'), id }));
      expect(result).toContain(`"id":${id},`);
    }
  });

  test('a message on many lines becomes one, with every other character kept', async () => {
    await using seat = seatAt([]);
    answerOf(await greet(seat));
    const params = '{\n "name":"line",\r\n "big":9007199254740993,\n "n":1E999, "text":"a\\nb"}';
    const { result } = answerOf(await ask(seat.channel, 'tools/call', { params, id: '8' }));
    const sent = `{"jsonrpc":"2.0","id":8,"method":"tools/call","params":${params}}`;
    expect(result).toBe(sent.replaceAll(/[\r\n]/g, ' '));
  });

  test('UB-11 an answer beyond 32 MB ends what runs, and nothing more', async () => {
    await using seat = seatAt([]);
    answerOf(await greet(seat));
    expect(
      troubleOf(await ask(seat.channel, 'tools/call', tool('large')), 'too-large', true).message,
    ).toContain('32 MB');
    answerOf(await ask(seat.channel, 'tools/call', tool('line')));
  });

  test('its environment holds what programs need, and no secret', async () => {
    vi.stubEnv('GANGWAY_PASSPHRASE', canary('generic'));
    vi.stubEnv('SOME_API_KEY', canary('generic'));
    try {
      await using seat = seatAt([]);
      answerOf(await greet(seat));
      const { result } = answerOf(await ask(seat.channel, 'tools/call', tool('environment')));
      const names = Object.keys(result as object);
      expect(names).toContain('PATH');
      expect(names.filter((name) => /KEY|PASS|TOKEN|SECRET|NODE|VITEST|GANGWAY/.test(name))).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('its end', () => {
  test.each(['exit', 'crash'])(
    'by %s during a call leaves the outcome unknown; a new one starts with the next',
    async (how) => {
      await using seat = seatAt([]);
      answerOf(await greet(seat));
      const pushed: UpMessage[] = [];
      const listening = seat.channel.listen(
        (message) => void pushed.push(message),
        new AbortController().signal,
      );
      const other = ask(seat.channel, 'tools/call', tool('slow'));
      const { message } = troubleOf(
        await ask(seat.channel, 'tools/call', tool(how)),
        'outcome-unknown',
        true,
      );
      expect(message).toContain('the next call starts it again');
      troubleOf(await other, 'outcome-unknown', true);
      await listening;
      expect((await ask(seat.channel)).error).toBeInstanceOf(SessionLost);
      await expect(seat.channel.send(Buffer.from('{}'), new AbortController().signal)).rejects.toThrow(
        SessionLost,
      );
      await expect(
        seat.channel.resume('1', undefined, () => undefined, new AbortController().signal),
      ).rejects.toThrow(SessionLost);
      await using next = seatAt([]);
      answerOf(await greet(next));
    },
  );

  test.each([
    ['an obedient one', []],
    ['a stubborn one', ['--stubborn']],
    ['one with a stubborn child', ['--stubborn', '--child']],
    ['one whose child stays', ['--child']],
  ])('is waited for: %s leaves no process behind', async (_, args) => {
    const seat = seatAt(args, { shutdownMs: 500 });
    answerOf(await greet(seat));
    const pids = answerOf(await ask(seat.channel, 'tools/call', tool('pids'))).result as number[];
    expect(pids.map(runs)).toEqual(pids.map(() => true));
    const running = ask(seat.channel, 'tools/call', tool('slow'));
    await seat[Symbol.asyncDispose]();
    troubleOf(await running, 'outcome-unknown', true);
    expect((await ask(seat.channel)).error).toBeInstanceOf(SessionLost);
    await vi.waitFor(() => expect(pids.filter(runs)).toEqual([]));
    await seat[Symbol.asyncDispose]();
  });

  test('before it has shaken hands is told as such', async () => {
    const seat = seatAt(['--silent']);
    const greeting = greet(seat);
    await seat[Symbol.asyncDispose]();
    troubleOf(await greeting, 'stopping', false);
  });

  test('a call that is given up leaves the command and the other calls alone', async () => {
    await using seat = seatAt([]);
    answerOf(await greet(seat));
    const controller = new AbortController();
    const slow = ask(seat.channel, 'tools/call', { ...tool('slow'), signal: controller.signal });
    controller.abort(new Error('gone'));
    expect((await slow).error).toMatchObject({ message: 'gone' });
    answerOf(await ask(seat.channel, 'tools/call', tool('line')));
  });
});
