import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signInByScript } from '../browser/scripted.ts';
import type { DemoGangway } from './gangway.ts';

/** What `gangway login --json` prints. */
export interface SignedIn {
  readonly account: { readonly state: string; readonly identity: { readonly tools: number } };
  readonly who: string;
}

const script = fileURLToPath(new URL('../browser/open.ts', import.meta.url));

/**
 * Runs `gangway login` with a browser that signs in and chooses an account on the consent page, by its name. Windows
 * starts no script as a program, so there the link is read from what the command says.
 *
 * @throws Error with what the command said when it fails.
 */
export async function loginByScript(bridge: DemoGangway, slug: string, choice: string): Promise<SignedIn> {
  if (process.platform !== 'win32') {
    const browser = await writeBrowser(bridge.folder, slug, choice);
    return (await bridge.run(['login', slug, '--browser', browser])) as SignedIn;
  }
  const open = (line: string): void => {
    if (line.startsWith('http')) void signInByScript(line, { account: choice });
  };
  return (await bridge.run(['login', slug, '--print-url'], '', open)) as SignedIn;
}

/** A program that takes a link, as every browser does, and knows what its person wants. */
async function writeBrowser(folder: string, slug: string, choice: string): Promise<string> {
  const file = join(folder, `browser-for-${slug}`);
  const words = [process.execPath, script, '--account', choice].map(quoted);
  await writeFile(file, `#!/bin/sh\nexec ${words.join(' ')} "$1"\n`, { mode: 0o700 });
  return file;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
