import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { withoutSignature } from './windows-signature.ts';

const run = promisify(execFile);

/** Where Node looks for the application in its own file (Node 24, "Single executable applications"). */
const RESOURCE = 'NODE_SEA_BLOB';
const SENTINEL = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface SingleExecutable {
  /** One CommonJS file that needs nothing beside it. */
  readonly script: string;
  readonly output: string;
  /** The Node to build on: this version, perhaps for another kind of processor. */
  readonly node: string;
  /** The program that puts a resource into an executable. */
  readonly postject: string;
}

/** Builds one executable from Node and a script. */
export async function buildSingleExecutable({
  script,
  output,
  node,
  postject,
}: SingleExecutable): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gangway-command-'));
  try {
    const config = join(folder, 'config.json');
    const blob = join(folder, 'blob');
    await writeFile(config, JSON.stringify(seaConfig(script, blob, node === process.execPath)));
    await run(process.execPath, ['--experimental-sea-config', config]);
    await mkdir(dirname(output), { recursive: true });
    await rm(output, { force: true });
    await copyNode(node, output);
    const segment = process.platform === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [];
    await run(process.execPath, [postject, output, RESOURCE, blob, '--sentinel-fuse', SENTINEL, ...segment]);
    // Apple's processors run nothing unsigned. The package's own signature replaces this one.
    if (process.platform === 'darwin') await run('codesign', ['--sign', '-', output]);
    await chmod(output, 0o755);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param sameNode the code cache belongs to one version of V8 on one kind of processor.
 */
export function seaConfig(main: string, output: string, sameNode: boolean): object {
  return {
    main,
    output,
    disableExperimentalSEAWarning: true,
    useCodeCache: sameNode,
    // Whoever may set a variable or send a signal shall not get to run code in the program that the keychain knows.
    execArgv: ['--disable-sigusr1'],
    execArgvExtension: 'none',
  };
}

/** Node's own signature does not hold for what comes out. */
async function copyNode(node: string, output: string): Promise<void> {
  if (process.platform === 'win32') return writeFile(output, withoutSignature(await readFile(node)));
  await copyFile(node, output);
  await chmod(output, 0o755);
  if (process.platform === 'darwin') await run('codesign', ['--remove-signature', output]);
}
