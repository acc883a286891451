import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { app } from 'electron';

/** Where the parts of the built app are. */
export interface Places {
  readonly preload: string;
  /** Folder of the built window. */
  readonly window: string;
  readonly keychainChild: string;
  /** Folder of the pictures for the tray. */
  readonly icons: string;
}

/** Below the folder of package.json, which a package keeps in its archive; pictures lie beside that. */
export function placesOf(appFolder: string, isPackaged: boolean): Places {
  const out = join(appFolder, 'out');
  return {
    preload: join(out, 'preload', 'index.cjs'),
    window: join(out, 'renderer'),
    keychainChild: join(out, 'main', 'keychain-child.js'),
    icons: isPackaged ? join(process.resourcesPath, 'icons') : join(appFolder, 'main', 'icons'),
  };
}

/** The page of the project, which the package names; undefined where it names none. */
export async function homepage(): Promise<string | undefined> {
  try {
    const text = await readFile(join(app.getAppPath(), 'package.json'), 'utf8');
    const manifest: Readonly<Record<string, unknown>> = JSON.parse(text);
    return typeof manifest.homepage === 'string' ? manifest.homepage : undefined;
  } catch {
    return undefined;
  }
}
