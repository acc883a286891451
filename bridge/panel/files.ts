import { lstat, readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { limits } from '../base/limits.ts';
import { BridgeError } from '../contract/errors.ts';

/** One file of the window, as it is sent. */
export interface WindowFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** Where the window begins. */
export const WINDOW_PAGE = '/index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** What a web address keeps as it is, and no file system takes for anything else; hidden files are left out. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

/**
 * The files of the built window by their path, `/index.html` among them. They are read once, so that no request is ever
 * turned into a path. Files of other types and with odd names are not part of it.
 * @throws BridgeError `storage` when the window is not built, holds a link, or is larger than a window can be.
 */
export async function readWindowFiles(folder: string): Promise<ReadonlyMap<string, WindowFile>> {
  const files = new Map<string, WindowFile>();
  try {
    await readFolder(folder, '', files);
  } catch (error) {
    if (isAbsent(error)) throw notBuilt();
    throw error;
  }
  if (!files.has(WINDOW_PAGE)) throw notBuilt();
  return files;
}

/** What a page of the window may do (CSP Level 3, Trusted Types): only what comes with it. */
export function contentPolicy(connect: "'self'" | "'none'"): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${connect}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

async function readFolder(folder: string, path: string, files: Map<string, WindowFile>): Promise<void> {
  for (const name of (await readdir(folder)).sort()) {
    if (!NAME.test(name)) continue;
    const place = join(folder, name);
    const found = await lstat(place);
    if (found.isSymbolicLink()) throw unusable('holds a link to somewhere else');
    if (found.isDirectory()) await readFolder(place, `${path}/${name}`, files);
    const type = TYPES[extname(name)];
    if (type === undefined || !found.isFile()) continue;
    if (found.size > limits.windowFileBytes) throw unusable('holds a file that is too large');
    if (files.size >= limits.windowFiles) throw unusable('holds too many files');
    files.set(`${path}/${name}`, { bytes: new Uint8Array(await readFile(place)), type });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function notBuilt(): BridgeError {
  return new BridgeError(
    'storage',
    'The window is not built here, so there is nothing to show. Run "npm run build" in the folder of Gangway first.',
  );
}

function unusable(why: string): BridgeError {
  return new BridgeError(
    'storage',
    `The folder of the built window ${why}, so it is not shown. Build or install Gangway again.`,
  );
}
