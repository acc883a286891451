import { describe, expect, test } from 'vitest';
import { textOf } from './sources.ts';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { lockfileVersion: number; packages: Record<string, Locked> } = JSON.parse(
  textOf('package-lock.json'),
);
const entries = Object.entries(lock.packages);
/** Packages from the registry; the others are folders of this repository. */
const installed = entries.filter(([path, entry]) => path.includes('node_modules/') && entry.link !== true);

describe('the lock file', () => {
  test('is of version 3 and holds something', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(installed.length).toBeGreaterThan(100);
  });

  test('has an entry for every optional dependency, so that it installs on every system', () => {
    const locked = new Set(entries.map(([path]) => path.replace(/^.*node_modules\//, '')));
    const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !locked.has(name))
        .map((name) => `${path} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('has the integrity of every package', () => {
    expect(
      installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path),
    ).toEqual([]);
  });

  test('names no registry, so that everybody uses their own', () => {
    const named = installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path);
    expect(named).toEqual([]);
  });

  test('holds no package with an install script but those that package.json denies by name', () => {
    const { allowScripts }: { allowScripts: Record<string, boolean> } = JSON.parse(textOf('package.json'));
    const scripted = installed.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path);
    expect(scripted.map((path) => [path, allowScripts[path.replace(/^.*node_modules\//, '')]])).toEqual([
      ['node_modules/electron-winstaller', false],
      ['node_modules/usocket', false],
    ]);
  });
});

describe.each(['package.json', 'test/node-runtime/package.json'])('%s', (file) => {
  const { dependencies, devDependencies, optionalDependencies }: Manifest = JSON.parse(textOf(file));
  const wanted = { ...dependencies, ...devDependencies, ...optionalDependencies };

  test('names exact versions only', () => {
    const exact = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$|^file:\.\/[\w/-]+$/;
    expect(Object.entries(wanted).filter(([, version]) => !exact.test(version))).toEqual([]);
  });
});

test('the lock file holds the versions package.json names', () => {
  const { dependencies, devDependencies }: Manifest = JSON.parse(textOf('package.json'));
  const different = Object.entries({ ...dependencies, ...devDependencies }).filter(([name, version]) => {
    if (version.startsWith('file:')) return false;
    return lock.packages[`node_modules/${name}`]?.version !== version.replace(/^npm:.*@/, '');
  });
  expect(different).toEqual([]);
});
