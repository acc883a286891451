import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rustLine } from '../system/programs.ts';

/** The package of the native shim, and where its tests have it built. Cargo itself keeps two builds apart. */
export const nativeFolder: string = fileURLToPath(new URL('../../bridge/shim/native/', import.meta.url));
export const nativeTarget: string = fileURLToPath(new URL('../../.cache/native-shim/', import.meta.url));

/** Runs cargo on the native shim, without a network. @throws with one line when there is no cargo, or with what it says. */
export function cargo(command: string, ...words: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(
    'cargo',
    [command, '--locked', '--offline', '--quiet', '--target-dir', nativeTarget, ...words],
    { cwd: nativeFolder, encoding: 'utf8' },
  );
  if (error) throw new Error(rustLine);
  if (status !== 0) throw new Error(`cargo ${command} failed:\n${stderr}${stdout}`);
  return stdout;
}

/** Builds the native shim as it is shipped, unless it is there already. */
export function buildNativeShim(): string {
  cargo('build', '--release');
  return nativeShim;
}

/** Where `buildNativeShim` puts it. */
export const nativeShim: string = `${nativeTarget}release/gangway-shim${process.platform === 'win32' ? '.exe' : ''}`;
