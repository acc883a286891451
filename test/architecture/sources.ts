import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** One import, export-from or dynamic import. */
export interface Import {
  readonly specifier: string;
  /** Vanishes when Node strips the types. */
  readonly typeOnly: boolean;
}

const NOT_OURS = new Set(['node_modules', '.git', '.cache', 'out']);
const STATIC = /^(?:import|export)\s+(type\s)?(?:[\w*\s{},$]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\b(?:import|import\.meta\.resolve|require|require\.resolve)\(\s*(?:(['"])([^'"]+)\1)?/g;

/** All TypeScript files of the repository, relative to its top, with `/` between folders. */
export function sourceFiles(): string[] {
  return globSync('**/*.{ts,tsx,mts,cts}', { cwd: ROOT, exclude: (name) => NOT_OURS.has(name) })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.endsWith('.d.ts'))
    .sort();
}

/** The text of a file of the repository. */
export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** What a file imports: static, type-only, re-exported and dynamic. A dynamic import without a literal is `''`. */
export function importsOf(text: string): Import[] {
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const found: Import[] = [];
  for (const [, type, specifier = ''] of code.matchAll(STATIC)) {
    found.push({ specifier, typeOnly: type !== undefined });
  }
  for (const match of code.matchAll(DYNAMIC)) {
    const before = code.slice(Math.max(0, match.index - 1), match.index);
    if (before !== '.') found.push({ specifier: match[2] ?? '', typeOnly: false });
  }
  return found;
}

/** What a specifier in a file means: a file of the repository, a package name, or a module of Node. */
export function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(dirname(file), specifier);
  const mapped = /^#(contract|bridge|main|renderer|test)\/(.+)$/.exec(specifier);
  if (mapped) {
    const [, area, rest] = mapped;
    return area === 'contract' ? `bridge/contract/${rest}` : `${area}/${rest}`;
  }
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Whether the repository has this file. */
export function exists(file: string): boolean {
  return existsSync(join(ROOT, file));
}
