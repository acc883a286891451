import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LONGEST_TIMER_MS, pause, timerMs, within } from '#bridge/base/tasks.ts';
import { timers } from '#bridge/credentials/lifetime.ts';

const HOURS_6 = 6 * 60 * 60_000;

describe('CL-05: a delay', () => {
  test.each([
    [2 ** 31, HOURS_6],
    [2 ** 31 - 1, HOURS_6],
    [30 * 24 * 60 * 60_000, HOURS_6],
    [Number.POSITIVE_INFINITY, HOURS_6],
    [Number.NaN, HOURS_6],
    [Number.NEGATIVE_INFINITY, 0],
    [-1, 0],
    [0, 0],
    [1, 1],
  ])('of %d ms is held to %d ms', (asked, held) => {
    expect(LONGEST_TIMER_MS).toBe(HOURS_6);
    expect(timerMs(asked)).toBe(held);
  });

  test.each([2 ** 31, Number.POSITIVE_INFINITY, Number.NaN])('of %d ms never fires at once', async (ms) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let fired = 0;
    timers(ms, () => {
      fired += 1;
    });
    await vi.advanceTimersByTimeAsync(HOURS_6 - 1);
    expect(fired).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(fired).toBe(1);
  });

  test.each([2 ** 31, Number.NaN])('of a pause of %d ms is a pause', async (ms) => {
    const stop = new AbortController();
    const pausing = pause(ms, stop.signal);
    const first = await Promise.race([
      pausing.then(() => 'over'),
      pause(5, stop.signal).then(() => 'still waiting'),
    ]);
    expect(first).toBe('still waiting');
    stop.abort(new Error('enough'));
    await expect(pausing).rejects.toThrow('enough');
  });
});

describe('KL-09: a process that was stopped for longer than a limit', () => {
  test('takes what arrived meanwhile, and does not call it late', async () => {
    const program = `import { createServer } from 'node:net';
      const server = createServer((socket) => socket.on('data', (bytes) => socket.write(bytes)));
      server.listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\\n'));`;
    const echo = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(echo, 'exit');
    onTestFinished(async () => {
      echo.kill('SIGKILL');
      await ended;
    });
    const [port] = await once(echo.stdout, 'data');
    const socket = connect(Number(String(port)), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    const late = (): Error => new Error('late');
    const { signal } = new AbortController();
    const answer = within(50, signal, () => once(socket, 'data'), late);
    socket.write('answer');
    // Stands still, as SIGSTOP or a suspended machine makes it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    expect(String(await answer)).toBe('answer');
    await expect(within(50, signal, () => once(socket, 'data'), late)).rejects.toThrow('late');
  });
});
