import { describe, expect, test } from 'vitest';
import { listScenarios, runScenario } from './client-run.ts';
import { groups } from './client-scenarios.ts';

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
      expect(known.sort()).toEqual(await listScenarios(version, requiredBy));
      for (const reason of Object.values(left)) expect(reason).not.toBe('');
    });
  },
);

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
