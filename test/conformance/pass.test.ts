import { describe, expect, test } from 'vitest';
import { doors } from '../flows/world.ts';
import { runScenario } from './client-run.ts';
import { passed } from './pass-scenarios.ts';
import type { Wire } from './run.ts';

const wires: readonly { wire: Wire; era: string }[] = [
  { wire: '2025-11-25', era: 'legacy' },
  { wire: '2026-07-28', era: 'modern' },
];
const rows = doors.flatMap((door) => wires.map((row) => ({ door, ...row })));

describe.each(rows)('a client at the $door door and a server, both of $wire', ({ door, wire, era }) => {
  test.each(Object.entries(passed[wire]))('%s: %i checks pass', async (scenario, checks) => {
    const result = await runScenario({ version: '0.2', wire, scenario, door });
    expect(result).toEqual({ passed: checks, complaints: [], exit: 0, report: { era } });
  });
});
