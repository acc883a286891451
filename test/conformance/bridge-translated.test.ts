import { describe, expect, test } from 'vitest';
import { addresses, startBridge, startBridgeForModernOnly } from './bridge-target.ts';
import { conformanceRows, translatedRow } from './rows.ts';

const onModern = translatedRow('2025-11-25', 'legacy-on-modern.json');
const onLegacy = translatedRow('2026-07-28', 'modern-on-legacy.json');

describe.each(addresses)('at the address %s', (address) => {
  conformanceRows({
    name: 'the bridge before a server of MCP 2026-07-28 only',
    start: () => startBridge('modern', address),
    rows: [onModern],
  });
  conformanceRows({
    name: 'the bridge before a server of MCP 2025-11-25 only',
    start: () => startBridgeForModernOnly(address),
    rows: [onLegacy],
  });
});

test.each([
  { ...onModern, most: 7 },
  { ...onLegacy, most: 11 },
])('of $wire through translation, at most $most checks fail, each for a reason', ({ expected, most }) => {
  expect(Object.keys(expected.failures).length).toBeLessThanOrEqual(most);
  const reasons = [expected.failures, expected.warnings, expected.untried].flatMap(Object.values);
  for (const reason of reasons) expect(reason).toMatch(/^[A-Z].*\.$/);
});
