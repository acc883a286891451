import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { buildNativeShim } from '../shim/native-shim.ts';
import { shimCommand } from '../shim/running-shim.ts';

/** The forms in which a client can have the bridge's shim. */
export const shimKinds = ['TS shim from source', 'TS shim as one file', 'native shim'] as const;
export type Shim = (typeof shimKinds)[number];
export type Shims = Readonly<Record<Shim, readonly string[]>>;

/** The words that start each of them, all built from what is here now; the one file is put into `folder`. */
export function buildShims(folder: string): Shims {
  buildNativeShim();
  const root = resolve(import.meta.dirname, '../..');
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--config', 'shim.vite.config.ts'];
  const { status, stderr } = spawnSync(
    process.execPath,
    [...vite, '--outDir', folder, '--logLevel', 'error'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`The shim as one file was not built:\n${stderr}`);
  return {
    'TS shim from source': shimCommand('TypeScript'),
    'TS shim as one file': [process.execPath, join(folder, 'gangway-shim.cjs')],
    'native shim': shimCommand('native'),
  };
}
