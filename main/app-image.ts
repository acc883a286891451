import { realpathSync } from 'node:fs';
import { isAbsolute, sep } from 'node:path';

/**
 * The AppImage that this program runs from; undefined when it runs from none. What is inside of one is at another place at
 * every start, so only its file can be started again. The variables alone do not say it: programs inherit them from an
 * AppImage that started them.
 * @param executable the program that runs now.
 */
export function appImageOf(environment: NodeJS.ProcessEnv, executable: string): string | undefined {
  const { APPIMAGE: file = '', APPDIR: folder = '' } = environment;
  if (!isAbsolute(file) || !isAbsolute(folder)) return undefined;
  return executable.startsWith(`${realOf(folder).replace(/[/\\]+$/, '')}${sep}`) ? file : undefined;
}

/** The system names programs by their real place. */
function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
