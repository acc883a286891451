import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { CallRecord } from '#bridge/relay/parts.ts';
import { activityOf } from '#bridge/sessions/activity-entry.ts';
import { opened } from '../activity/opened.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { accountFor } from '../relay/seat.ts';

test('a secret that stands across the end of what is kept is taken out whole', async () => {
  const secret = canary('bearer');
  const redactor = new Redactor();
  redactor.learn(secret);
  const request = readMessage(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call"}'));
  if (request.kind !== 'request') throw new Error('It is a request.');
  const call: CallRecord = {
    startedAt: new Date('2026-11-21T12:00:00Z'),
    account: accountFor('https://one.example/mcp', 'one'),
    method: 'tools/call',
    target: null,
    outcome: 'ok',
    code: null,
    durationMs: 1,
    sentBytes: 1,
    receivedBytes: 1,
    request,
    answer: 'x'.repeat(limits.activityBodyCharacters - 20) + secret + 'y'.repeat(100),
  };
  const home = await temporaryHome();
  await using journal = opened(home, { keepBodies: () => true, redact: (text) => redactor.clean(text) });
  const caller = { id: 'one', label: 'One', door: 'stdio' as const };
  journal.append(activityOf(call, { caller, program: null, bodies: true }));
  const kept = journal.list()[0]?.result ?? '';
  expect(kept).toMatch(/\[removed\]y+ \[cut\]$/);
});
