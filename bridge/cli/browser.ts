import { spawn } from 'node:child_process';
import { win32 } from 'node:path';
import { oneLine } from '../base/text.ts';
import { BridgeError } from '../contract/errors.ts';

/** What the person wants: their usual browser, a program of their choice, or only the link. */
export type BrowserChoice =
  | { readonly kind: 'usual' }
  | { readonly kind: 'program'; readonly program: string }
  | { readonly kind: 'none' };

/** How a page is opened here. The link becomes the last argument. */
export type WayToOpen =
  | { readonly kind: 'program'; readonly file: string; readonly args: readonly string[] }
  | { readonly kind: 'nothing'; readonly why: string };

/** Longest link that is opened; Windows cuts a command line at 32 KB. */
const LINK_CHARACTERS = 8 * 1024;

/** A web address of printable ASCII without quotes, so it is one argument for every program and never a switch. */
const LINK = /^https?:\/\/[!#-~]+$/;

/** The way that fits the system and the choice. Pure. */
export function wayToOpen(
  choice: BrowserChoice,
  platform: NodeJS.Platform,
  environment: NodeJS.ProcessEnv,
): WayToOpen {
  if (choice.kind === 'none') return { kind: 'nothing', why: '' };
  if (choice.kind === 'program') return { kind: 'program', file: choice.program, args: [] };
  if (platform === 'darwin') return { kind: 'program', file: '/usr/bin/open', args: [] };
  if (platform === 'win32') {
    // By its whole path, because Windows looks for a bare name in the current folder first.
    const file = win32.join(environment.SystemRoot ?? 'C:\\Windows', 'System32', 'rundll32.exe');
    return { kind: 'program', file, args: ['url.dll,FileProtocolHandler'] };
  }
  if (environment.DISPLAY || environment.WAYLAND_DISPLAY) {
    return { kind: 'program', file: 'xdg-open', args: [] };
  }
  return { kind: 'nothing', why: 'There is no desktop here, so no page was opened.' };
}

/**
 * The link when it may be shown and opened. The owner checked it already; a second look is cheap.
 * @throws BridgeError `refused`.
 */
export function openableLink(link: string): string {
  if (LINK.test(link) && link.length <= LINK_CHARACTERS) return link;
  throw new BridgeError(
    'refused',
    'The page to sign in at has an address that cannot be opened safely, so nothing was opened. ' +
      'Tell the support of the workspace.',
  );
}

/**
 * Opens a page without a shell, in a program that outlives this one and learns nothing of Gangway's own settings.
 * `failed` hears why it did not work, at any time later or at once.
 * @throws BridgeError `refused` for a link that is none.
 */
export function openPage(
  { file, args }: Extract<WayToOpen, { kind: 'program' }>,
  link: string,
  environment: NodeJS.ProcessEnv,
  failed: (why: string) => void,
): void {
  const argument = openableLink(link);
  const name = oneLine(file, 100);
  const env = Object.fromEntries(
    Object.entries(environment).filter(([variable]) => !/^GANGWAY_/i.test(variable)),
  );
  try {
    const child = spawn(file, [...args, argument], { shell: false, detached: true, stdio: 'ignore', env });
    child.once('error', () => failed(`${name} could not be started.`));
    child.once('exit', (code) => {
      if (code !== null && code !== 0) failed(`${name} ended with code ${code}.`);
    });
    child.unref();
  } catch {
    // Some names, such as batch files on Windows, are refused before a process is tried.
    failed(`${name} could not be started.`);
  }
}
