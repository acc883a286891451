import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Hundreds of the programs that tests start are the same; Node keeps what it made of their source.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('./.cache/node-compile', import.meta.url));

/** Files that take a minute or more. Begun last, they would run on alone. */
const SLOW = [
  'window/screens',
  'endurance/endurance',
  'conformance/client',
  'conformance/pass',
  'shim/stdout',
  'shim/places',
  'flows/eras-flip',
  'shim/reconnect',
  'window/app-setup',
  'crash/matrix',
];

/** Begins the slowest test files first, so that all workers end at about the same time. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = SLOW.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return found < 0 ? SLOW.length : found;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

/** Folders of quick test files, which share a process with others: most of their time would go into starting one. */
const SHARING = [
  'accounts',
  'activity',
  'base',
  'clients',
  'connectors',
  'contract',
  'control',
  'credentials',
  'electron',
  'jsonrpc',
  'main',
  'oauth',
  'policy',
  'relay',
  'renderer',
  'sessions',
  'settings',
  'socket',
  'upstream',
  'workspaces',
];

export default defineConfig({
  resolve: {
    // The real package would download Electron.
    alias: { electron: fileURLToPath(new URL('./test/electron/electron.ts', import.meta.url)) },
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'own process', include: [`test/!(${SHARING.join('|')})/**/*.test.ts`] },
      },
      {
        extends: true,
        test: {
          name: 'shared process',
          include: [`test/@(${SHARING.join('|')})/**/*.test.ts`],
          isolate: false,
        },
      },
    ],
    setupFiles: ['test/canary/setup.ts', 'test/invariants/setup.ts'],
    pool: 'forks',
    // Half of the time of a test is waiting.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A busy machine may take longer than the second that is usual.
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default'],
  },
});
