import { describe } from 'vitest';
import { addresses, startBridge } from './bridge-target.ts';
import { conformanceRows, legacyRows } from './rows.ts';

describe.each(addresses)('at the address %s', (address) => {
  conformanceRows({
    name: 'the bridge before a server of MCP 2025-11-25',
    start: () => startBridge('legacy', address),
    rows: legacyRows,
  });
  conformanceRows({
    name: 'the bridge before a server of both revisions',
    start: () => startBridge('dual', address),
    rows: legacyRows,
  });
});
