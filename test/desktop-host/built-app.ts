import { execFile } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const BUILDS = join(ROOT, '.cache/desktop-host');

/** The desktop app as it is shipped, but not packaged. */
export interface BuiltApp extends AsyncDisposable {
  /** With package.json, `out` and the pictures; what Electron is given. */
  readonly folder: string;
  readonly main: string;
}

/** Builds today's sources into a folder of its own, so that nobody else's build is in the way. */
export async function buildApp(): Promise<BuiltApp> {
  await using starting = new AsyncDisposableStack();
  mkdirSync(BUILDS, { recursive: true });
  const folder = starting.adopt(await mkdtemp(join(BUILDS, 'app-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const builder = join(ROOT, 'node_modules/electron-vite/bin/electron-vite.js');
  await promisify(execFile)(process.execPath, [builder, 'build', '--outDir', join(folder, 'out')], {
    cwd: ROOT,
    // Tests run with another mode, which the bundler would take over.
    env: { ...process.env, NODE_ENV: 'production' },
    maxBuffer: 16 * 1024 * 1024,
  });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  cpSync(join(ROOT, 'main/icons/tray'), join(folder, 'main/icons/tray'), { recursive: true });
  const built = starting.move();
  return {
    folder,
    main: join(folder, 'out/main/index.js'),
    [Symbol.asyncDispose]: () => built.disposeAsync(),
  };
}
