import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
const BUILDS = join(ROOT, '.cache/window');
/** What the window is made of. */
const SOURCES = [
  'renderer/**/*.*',
  'bridge/contract/**/*.ts',
  'bridge/base/version.ts',
  'renderer.vite.config.ts',
  'package-lock.json',
];
const DAY_MS = 24 * 60 * 60 * 1000;

/** Which React is in it: what is shipped, or the one that reports more faults and takes half as long again. */
export type ReactBuild = 'production' | 'development';

/** The folder of the window as the bundler makes it of today's sources; built when no run before built the same. */
export async function builtWindow(react: ReactBuild = 'production'): Promise<string> {
  const folder = join(BUILDS, fingerprint(react));
  if (existsSync(folder)) return folder;
  mkdirSync(BUILDS, { recursive: true });
  const half = mkdtempSync(`${folder}-`);
  const { NODE_ENV } = process.env;
  // The bundler listens to nothing else.
  process.env.NODE_ENV = react;
  try {
    await build({
      configFile: join(ROOT, 'renderer.vite.config.ts'),
      configLoader: 'native',
      logLevel: 'error',
      build: { outDir: half, emptyOutDir: true, reportCompressedSize: false },
    });
  } finally {
    process.env.NODE_ENV = NODE_ENV;
  }
  try {
    renameSync(half, folder);
  } catch (error) {
    // Somebody else finished the same build first.
    if (!existsSync(folder)) throw error;
    rmSync(half, { recursive: true });
  }
  removeOld();
  return folder;
}

/** Of the sources and of the mode the bundler builds in. */
function fingerprint(react: ReactBuild): string {
  const hash = createHash('sha256').update(react);
  for (const file of globSync(SOURCES, { cwd: ROOT }).sort()) {
    if (statSync(join(ROOT, file)).isFile())
      hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

function removeOld(): void {
  for (const name of readdirSync(BUILDS)) {
    const folder = join(BUILDS, name);
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs !== undefined && Date.now() - mtimeMs > DAY_MS)
      rmSync(folder, { recursive: true, force: true });
  }
}
