import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, test } from 'vitest';
import { applicationMenu, openApplicationMenu } from '#main/application-menu.ts';
import { newDesktop } from '../electron/desktop.ts';

const done: string[] = [];
const act = { showWindow: (route: string) => void done.push(route), quit: () => void done.push('quit') };

function rolesOf(items: readonly MenuItemConstructorOptions[]): string[] {
  return items.flatMap(({ role, submenu }) => [
    ...(role ? [role] : []),
    ...(Array.isArray(submenu) ? rolesOf(submenu) : []),
  ]);
}

describe.each<NodeJS.Platform>(['darwin', 'win32', 'linux'])('the menu of the app on %s', (platform) => {
  test('lets shortcuts for copying and undoing work', () => {
    expect(rolesOf(applicationMenu(platform, true, act))).toEqual(
      expect.arrayContaining(['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll', 'minimize', 'close']),
    );
  });

  test('of an installed app has neither developer tools nor reloading', () => {
    const weak = [
      'reload',
      'forceReload',
      'toggleDevTools',
      'viewMenu',
      'fileMenu',
      'appMenu',
      'editMenu',
      'windowMenu',
    ];
    expect(rolesOf(applicationMenu(platform, true, act)).filter((role) => weak.includes(role))).toEqual([]);
    expect(rolesOf(applicationMenu(platform, false, act))).toContain('toggleDevTools');
  });

  test('quits through the one way out, not through a role', () => {
    expect(rolesOf(applicationMenu(platform, true, act))).not.toContain('quit');
    const desktop = newDesktop({ platform });
    openApplicationMenu(platform, true, act);
    const [first] = desktop.applicationMenu?.rows ?? [];
    done.length = 0;
    desktop.applicationMenu?.click(first?.label ?? '', 'Settings…');
    desktop.applicationMenu?.click(first?.label ?? '', 'Quit Gangway');
    expect(done).toEqual(['/settings', 'quit']);
  });
});
