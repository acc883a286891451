import { ORPCError } from '@orpc/client';
import { expect, test } from 'vitest';
import { controlTrouble, toWire } from '#bridge/control/errors.ts';
import { asBridgeError, BridgeError, type ErrorCode, trouble } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';

/** The failure as the other end of a port sees it. */
function overTheWire(error: unknown): BridgeError {
  const sent = JSON.parse(JSON.stringify(toWire(error).toJSON())) as { code: string; message: string };
  return controlTrouble(new ORPCError(sent.code, sent));
}

test.each(Object.keys(trouble) as ErrorCode[])('a failure %s arrives as it was thrown', (code) => {
  const thrown = new BridgeError(code, 'What happened. What to do.', {
    account: 'Acme',
    host: 'acme.example',
    retryAfterSeconds: 3,
    mayHaveRun: true,
    scope: 'read:orders',
  });
  const arrived = overTheWire(thrown);
  expect(arrived).toBeInstanceOf(BridgeError);
  expect({ ...arrived, message: arrived.message }).toEqual({ ...thrown, message: thrown.message });
});

test('a fault nobody foresaw arrives as internal, without its text, its cause and its stack', () => {
  const secret = canary('bearer');
  const sent = JSON.stringify(toWire(new TypeError(`no property of ${secret}`)).toJSON());
  expect(sent).not.toContain(secret);
  expect(overTheWire(new TypeError(secret))).toMatchObject({
    code: 'internal',
    message: asBridgeError(new Error('x')).message,
  });
});

test('details that are not of the contract do not arrive', () => {
  const odd = new ORPCError('refused', { message: 'No.', data: { account: 7, host: 'h', extra: 'x' } });
  expect(controlTrouble(odd).details).toEqual({ host: 'h' });
});

test('input that does not fit names the field and never its value', () => {
  const secret = canary('generic');
  const refused = new ORPCError('BAD_REQUEST', {
    message: `expected x, received ${secret}`,
    data: { issues: [{ path: ['rules', 'readOnly'], message: secret }] },
  });
  expect(controlTrouble(refused)).toMatchObject({
    code: 'invalid-input',
    message: 'rules.readOnly is not as expected. Check it and try again.',
  });
});

test('names that come from outside are left out of the path of a field', () => {
  const refused = new ORPCError('BAD_REQUEST', { data: { issues: [{ path: ['headers', 'x: y\n'] }] } });
  expect(controlTrouble(refused).message).toBe('headers is not as expected. Check it and try again.');
});
