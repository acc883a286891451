import { describe } from 'vitest';
import { addresses, startBridge } from './bridge-target.ts';
import { conformanceRows, modernRows } from './rows.ts';

describe.each(addresses)('at the address %s', (address) => {
  conformanceRows({
    name: 'the bridge before a server of MCP 2026-07-28',
    start: () => startBridge('modern', address),
    rows: modernRows,
  });
  conformanceRows({
    name: 'the bridge before a server of both revisions',
    start: () => startBridge('dual', address),
    rows: modernRows,
  });
});
