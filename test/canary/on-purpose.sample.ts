import { expect, test } from 'vitest';
import { canary } from './canary.ts';

test('prints a secret', () => {
  process.stdout.write(`printed on purpose: ${canary('generic')}\n`);
});

test('throws a secret', () => {
  throw new TypeError(`thrown on purpose: ${canary('generic')}`);
});

test('keeps a secret to itself', () => {
  expect(canary('generic')).toContain('CANARY');
});
