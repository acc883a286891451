import { describe, expect, test } from 'vitest';
import { layerOf, layers, markdown, trespass } from './layers.ts';
import { exists, importsOf, sourceFiles, targetOf, textOf } from './sources.ts';

const MOST_LINES = 350;
const BANNED = new Set([
  ...['util', 'utils', 'helper', 'helpers', 'manager', 'managers', 'service', 'services'],
  ...['common', 'misc', 'data', 'handle', 'handler'],
]);
const BEGIN = '<!-- layers: printed by node test/architecture/layers.ts -->\n';
const END = '\n<!-- end of layers -->';

const files = sourceFiles();
const edges = files.flatMap((file) =>
  importsOf(textOf(file)).map(({ specifier, typeOnly }) => ({
    file,
    specifier,
    typeOnly,
    target: targetOf(file, specifier),
  })),
);
const manifest: Record<'dependencies' | 'devDependencies', Record<string, string>> = JSON.parse(
  textOf('package.json'),
);

describe('folders', () => {
  test('every file is in a folder with a row', () => {
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
  });

  test('every row names a folder with sources', () => {
    const used = new Set(files.map(layerOf));
    expect(layers.filter((layer) => !used.has(layer)).map(({ folder }) => folder)).toEqual([]);
  });

  test('import only what their row allows', () => {
    const trespasses = edges.flatMap(({ file, target, specifier }) => {
      const layer = layerOf(file);
      const why = layer && specifier !== '' ? trespass(layer, target) : undefined;
      return why === undefined ? [] : [`${file} imports ${target}: ${why}`];
    });
    expect(trespasses).toEqual([]);
  });

  test('do not import each other in circles', () => {
    const known = new Map<string, Set<string>>();
    for (const { file, target } of edges) {
      const [from, to] = [
        layerOf(file)?.folder,
        /\.(?:tsx?|css)$/.test(target) ? layerOf(target)?.folder : undefined,
      ];
      if (from === undefined || to === undefined || from === to) continue;
      known.set(from, (known.get(from) ?? new Set()).add(to));
    }
    expect(circleIn(known)).toEqual([]);
  });
});

describe('imports', () => {
  test('in bridge/ are relative and literal', () => {
    const odd = edges.filter(
      ({ file, specifier }) => file.startsWith('bridge/') && (specifier === '' || specifier.startsWith('#')),
    );
    expect(odd.map(({ file, specifier }) => `${file}: ${specifier || 'a computed import'}`)).toEqual([]);
  });

  test('name files that exist, and Node modules by their full name', () => {
    const wrong = edges.filter(({ specifier, target }) =>
      /^[.#]/.test(specifier) ? !exists(target) : specifier !== '' && isBuiltin(specifier),
    );
    expect(wrong.map(({ file, specifier }) => `${file}: ${specifier}`)).toEqual([]);
  });

  test('of third parties are named in package.json, those of bridge/ as dependencies', () => {
    const missing = edges.filter(({ file, specifier, target }) => {
      if (specifier === '' || /\.(?:tsx?|css)$/.test(target) || target.startsWith('node:')) return false;
      return !(
        target in manifest.dependencies ||
        (!file.startsWith('bridge/') && target in manifest.devDependencies)
      );
    });
    expect(missing.map(({ file, target }) => `${file}: ${target}`)).toEqual([]);
  });

  test('of the shim lead to no third-party package and no database, however far one follows them', () => {
    const reached = new Set(files.filter((file) => file.startsWith('bridge/shim/')));
    const packages: string[] = [];
    for (const file of reached) {
      for (const { target, typeOnly } of edges.filter((edge) => edge.file === file)) {
        // SQLite would double the time in which a client waits for its shim.
        if (typeOnly || (target.startsWith('node:') && target !== 'node:sqlite')) continue;
        if (/\.(?:tsx?|css)$/.test(target)) reached.add(target);
        else packages.push(`${file} imports ${target}`);
      }
    }
    expect(packages).toEqual([]);
  });

  test('are read as Node reads them', () => {
    const text = textOf('test/architecture/imports.sample.txt');
    expect(
      importsOf(text).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' (type)' : ''}`),
    ).toEqual([...['./a.ts', 'b (type)', './side.ts', '@scope/c/deep', '#bridge/d.ts', 'f', 'g', '']]);
    expect(
      ['./a.ts', '@scope/c/deep', '#contract/e.ts'].map((one) => targetOf('bridge/x/y.ts', one)),
    ).toEqual(['bridge/x/a.ts', '@scope/c', 'bridge/contract/e.ts']);
  });
});

describe('the table', () => {
  const row = (folder: string) => layers.find((layer) => layer.folder === folder)!;

  test.each([
    ['bridge/contract', 'node:fs', 'bridge/contract may import nothing of Node'],
    ['bridge/policy', 'bridge/accounts/registry.ts', 'bridge/policy may import'],
    ['bridge/relay', 'zod', 'of third parties'],
    ['bridge/settings', 'node:sqlite', 'has its one door elsewhere'],
    ['bridge/sessions', 'bridge/new/thing.ts', 'without a row'],
    ['bridge/downstream', 'bridge/relay/session.ts', 'bridge/relay/channel.ts'],
    ['bridge/shim', 'bridge/base/json-file.ts', 'bridge/base/paths.ts'],
  ])('refuses %s the import of %s', (folder, target, why) => {
    expect(trespass(row(folder), target)).toContain(why);
  });

  test.each([
    ['bridge/downstream', 'bridge/relay/channel.ts'],
    ['bridge/shim', 'bridge/base/paths.ts'],
    ['bridge/activity', 'node:sqlite'],
    ['bridge', 'bridge/vault/vault.ts'],
    ['test', 'bridge/vault/vault.ts'],
  ])('allows %s the import of %s', (folder, target) => {
    expect(trespass(row(folder), target)).toBeUndefined();
  });

  test.each(['bridge/new/file.ts', 'bridge/new/deep/file.ts', 'newfolder/file.ts'])(
    'has no row for %s',
    (file) => {
      expect(layerOf(file)).toBeUndefined();
    },
  );

  test.each(exists('ARCHITECTURE.md') ? ['ARCHITECTURE.md'] : [])('is in %s as it is printed', (file) => {
    const text = textOf(file);
    expect(text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END))).toBe(markdown());
  });
});

describe('files', () => {
  test(`have at most ${MOST_LINES} lines`, () => {
    expect(files.filter((file) => textOf(file).trimEnd().split('\n').length > MOST_LINES)).toEqual([]);
  });

  test('are named plainly, in kebab-case', () => {
    const odd = files.filter(
      (file) => !/^[a-z0-9./-]+$/.test(file) || file.split(/[/.-]/).some((word) => BANNED.has(word)),
    );
    expect(odd).toEqual([]);
  });

  test('name their classes plainly', () => {
    const odd = files.flatMap((file) =>
      [...textOf(file).matchAll(/^(?:export )?(?:abstract )?class (\w+)/gm)]
        .map(([, name = '']) => name)
        .filter((name) => name.split(/(?=[A-Z])/).some((word) => BANNED.has(word.toLowerCase())))
        .map((name) => `${file}: ${name}`),
    );
    expect(odd).toEqual([]);
  });
});

function isBuiltin(specifier: string): boolean {
  return !specifier.startsWith('node:') && process.getBuiltinModule(specifier) !== undefined;
}

/** The folders of one circle, or nothing. */
function circleIn(known: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>();
  const walk = (folder: string, path: readonly string[]): string[] => {
    const seen = path.indexOf(folder);
    if (seen >= 0) return [...path.slice(seen), folder];
    if (done.has(folder)) return [];
    for (const next of known.get(folder) ?? []) {
      const circle = walk(next, [...path, folder]);
      if (circle.length > 0) return circle;
    }
    done.add(folder);
    return [];
  };
  return [...known.keys()].map((folder) => walk(folder, [])).find((circle) => circle.length > 0) ?? [];
}
