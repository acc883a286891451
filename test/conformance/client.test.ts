import { describe, expect, test } from 'vitest';
import { listScenarios, runScenario } from './client-run.ts';
import { groups } from './client-scenarios.ts';
import { passed } from './pass-scenarios.ts';

describe.each(groups)(
  'the bridge as the OAuth client of $title',
  ({ version, wire, requiredBy, run, left }) => {
    test.each(Object.entries(run))('auth/%s', async (name, ending) => {
      const { passed, ...result } = await runScenario({ version, wire, scenario: `auth/${name}` });
      expect(result).toEqual({ complaints: [], ...ending });
      expect(passed).toBeGreaterThan(0);
    });

    test('every scenario is run, or left out with a reason', async () => {
      const known = [...Object.keys(run), ...Object.keys(left)].map((name) => `auth/${name}`);
      const { scored, unscored } = await listScenarios(version, requiredBy);
      const listed = [...scored, ...unscored].filter((name) => name.startsWith('auth/'));
      expect(known.sort()).toEqual(listed.sort());
      for (const reason of Object.values(left)) expect(reason).not.toBe('');
    });
  },
);

test('every scenario that 2026-07-28 requires of clients is run; what is left out counts nowhere', async () => {
  const wire = '2026-07-28';
  const { scored, unscored } = await listScenarios('0.2', wire);
  const group = groups.find(({ requiredBy }) => requiredBy === wire);
  const signIns = Object.keys(group?.run ?? {}).map((name) => `auth/${name}`);
  const run = [...signIns, ...Object.keys(passed[wire])];
  expect(run).toEqual(expect.arrayContaining([...scored]));
  const left = Object.keys(group?.left ?? {}).map((name) => `auth/${name}`);
  expect([...run, ...left].sort()).toEqual([...scored, ...unscored].sort());
  expect(unscored).toEqual(expect.arrayContaining(left));
});

test.each(['0.2', '0.1'] as const)('suite %s reports a client that does nothing', async (version) => {
  const result = await runScenario({
    version,
    wire: '2025-11-25',
    scenario: 'auth/metadata-default',
    program: [process.execPath, '--version'],
  });
  expect(result.passed).toBe(0);
  expect(result.complaints.join('\n')).toContain('token-request: ');
});
