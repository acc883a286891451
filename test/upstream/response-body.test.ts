import { expect, test } from 'vitest';
import { ResponseBody } from '#bridge/upstream/response-body.ts';

test('a source of tiny chunks waits for its reader as one of large ones does', async () => {
  let isPaused = false;
  const body = new ResponseBody({
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
    },
    abort: () => undefined,
  });
  let waiting = 0;
  for (; !isPaused && waiting < 20_000; waiting += 1) body.push(Buffer.from('x'));
  expect(waiting).toBeLessThan(10_000);
  for (; isPaused && waiting > 0; waiting -= 1) await body.next();
  expect(waiting).toBeGreaterThan(0);
});
