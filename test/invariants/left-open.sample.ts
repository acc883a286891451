import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';

test('leaves a timer, a server, a file and a child', () => {
  setTimeout(() => undefined, 600_000);
  createServer().listen(0, '127.0.0.1');
  openSync('/dev/zero', 'r');
  expect(spawn('sleep', ['4'], { stdio: 'ignore' }).pid).toBeGreaterThan(0);
});
