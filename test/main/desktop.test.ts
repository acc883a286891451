import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { DesktopState } from '#contract/desktop.ts';
import { reachOwner, startOwner } from '../control/an-owner.ts';
import { connectBus } from '../desktop-host/bus.ts';
import { lives } from '../vault/keychain-vault.ts';
import { startBus } from '../vault/session-bus.ts';
import { type App, LINK, runApp, startApp, stateOf } from './an-app.ts';

/** A data folder in which Chromium has no place. */
function unusable(home: string): void {
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, 'chromium'), '');
}

describe('the app starts', () => {
  test('in this order: walls, scheme, lock; then the bridge, the tray and the window', async () => {
    await using app = await startApp();
    const { desktop, paths } = app;
    expect(desktop.app.deeds.map(([what]) => what)).toEqual(['enableSandbox', 'requestSingleInstanceLock']);
    expect(desktop.defaultSession.doubleProtocol.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true } },
    ]);
    expect(desktop.app.getPath('userData')).toBe(join(paths.home, 'chromium'));
    await vi.waitFor(() => expect(desktop.window.isVisible()).toBe(true));
    expect(desktop.window.contents.loaded.map(({ response }) => response.status)).toEqual([200]);
    expect(desktop.tray.toolTip).toContain('No account yet');
    expect(desktop.app.switches.size).toBe(0);
    expect((await stat(paths.home)).mode & 0o777).toBe(0o700);
  });

  test('and its window reaches bridge and desktop through the one door', async () => {
    await using app = await startApp();
    const { control } = await app.page();
    expect(await control.status()).toMatchObject({ home: app.paths.home, pid: process.pid });
    expect(await stateOf(app)).toEqual({
      platform: 'linux',
      choices: { notifications: true, muted: [], askBeforeQuit: true, knowsTray: false },
      openAtLogin: null,
      tray: 'shown',
      update: expect.objectContaining({ state: 'off' }),
      form: null,
    });
  });

  test('and has apps start the command of this copy', async () => {
    await using app = await startApp();
    const { control } = await app.page();
    const source = join(app.desktop.app.getAppPath(), 'bridge', 'cli', 'main.ts');
    expect(await control.endpoint.command({ address: 'current' })).toEqual({
      command: 'node',
      args: [source, 'stdio', '--home', app.paths.home],
    });
  });

  test('without a window when the system starts it', async () => {
    await using app = await startApp({ argv: ['--hidden'] });
    const { desktop } = app;
    expect(desktop.windows).toEqual([]);
    desktop.clickTray('Open Gangway');
    await vi.waitFor(() => expect(desktop.window.isVisible()).toBe(true));
  });

  test('beside a bridge that runs already, and leaves it running', async () => {
    const owner: { bridge?: Awaited<ReturnType<typeof startOwner>> } = {};
    {
      await using app = await startApp({
        before: async (paths) => {
          owner.bridge = await startOwner(paths);
        },
      });
      await (await app.page()).control.pause();
      app.desktop.app.quit();
      expect(await app.desktop.app.ended).toBe(0);
      expect((await owner.bridge!.control.status()).paused).toBe(true);
      await owner.bridge![Symbol.asyncDispose]();
    }
  });

  test.each<[string, Parameters<typeof runApp>[0], string]>([
    ['the window is not built', { built: false }, 'not built'],
    ['its folder cannot be made', { before: ({ home }) => writeFileSync(home, '') }, 'folder'],
    // Electron refuses the lock then, as if the app ran already.
    ['its folder cannot be used', { before: ({ home }) => unusable(home) }, 'cannot be used'],
    [
      'a newer Gangway wrote the settings',
      {
        before: ({ config, settings }) => {
          mkdirSync(config, { recursive: true, mode: 0o700 });
          writeFileSync(settings, JSON.stringify({ version: 99, document: {} }), { mode: 0o600 });
        },
      },
      'newer',
    ],
  ])('not when %s: it says so in plain words and ends', async (_why, options, words) => {
    await using app = await runApp(options);
    expect(await app.desktop.app.ended).toBe(1);
    expect(app.desktop.dialog.errors).toEqual([
      { title: 'Gangway cannot start', content: expect.stringContaining(words) },
    ]);
    const [{ content } = { content: '' }] = app.desktop.dialog.errors;
    expect(content.length).toBeLessThanOrEqual(300);
    expect(content).not.toMatch(/\bat .*:\d+/);
    // Nothing holds the folder.
    await using next = reachOwner(app.paths, () => startOwner(app.paths));
    await next
      .reach()
      .catch((error: unknown) =>
        expect(error).toMatchObject({ code: expect.stringMatching('newer-file|storage') }),
      );
  });

  test('DL-04 not with a switch that opens it to others, once it is installed', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await using app = await runApp({ isPackaged: true, argv: [LINK, '--remote-debugging-port=9222'] });
    said.mockRestore();
    expect(await app.desktop.app.ended).toBe(1);
    expect(app.desktop.app.deeds).toEqual([]);
    expect(existsSync(app.paths.home)).toBe(false);
  });
});

/** The state that a window is told, as it goes on. */
async function watched(app: App): Promise<Partial<DesktopState>> {
  const { desktop } = await app.page();
  const changes = await desktop.watch();
  const state: Partial<DesktopState> = {};
  const follow = async (): Promise<void> => {
    for await (const change of changes) Object.assign(state, change);
  };
  void follow().catch(() => undefined);
  return state;
}

describe('the window', () => {
  test('gets no permission, no foreign download and no network', async () => {
    await using app = await startApp();
    const { desktop } = app;
    const { webContents } = desktop.window;
    const session = desktop.defaultSession;
    expect(await session.ask(webContents, 'media')).toBe(false);
    expect(session.check(webContents, 'notifications')).toBe(false);
    expect(session.download(webContents, 'https://evil.example/x').isCancelled).toBe(true);
    expect(session.download(webContents, 'blob:app://bundle/1', 'a.csv').isCancelled).toBe(false);
    expect(await session.request('https://evil.example/', webContents)).toBe(false);
    expect(await session.request('app://bundle/index.html', webContents)).toBe(true);
    expect(await session.request('https://updates.example/', undefined)).toBe(true);
    expect(session.spellChecker).toBe(false);
    expect(desktop.window.contents.navigate('https://evil.example/')).toBe(false);
  });

  test('that is closed stays in the tray, which is told once', async () => {
    await using app = await startApp();
    const { desktop } = app;
    await vi.waitFor(() => expect(desktop.window.isVisible()).toBe(true));
    desktop.window.close();
    await vi.waitFor(() => expect(desktop.window.isVisible()).toBe(false));
    expect(desktop.notes.map(({ title }) => title)).toEqual(['Gangway stays in the tray']);
    await vi.waitFor(async () => expect((await stateOf(app)).choices.knowsTray).toBe(true));
    desktop.clickTray('Open Gangway');
    expect(desktop.window.isVisible()).toBe(true);
    desktop.window.close();
    await vi.waitFor(() => expect(desktop.window.isVisible()).toBe(false));
    expect(desktop.notifications).toHaveLength(1);
  });

  test.runIf(process.platform === 'linux')(
    'on a desktop without a panel for icons is never hidden, because nobody would find it',
    async () => {
      await using bus = await startBus();
      await using app = await startApp({ bus: bus.environment.DBUS_SESSION_BUS_ADDRESS ?? '' });
      const { desktop } = app;
      const state = await watched(app);
      await vi.waitFor(() => expect(state.tray).toBe('missing'), 5_000);
      desktop.window.close();
      await vi.waitFor(() => expect(desktop.window.isMinimized()).toBe(true));
      expect([desktop.window.isVisible(), desktop.notes]).toEqual([true, []]);
      // The panel comes, is asked for the icon again, and is seen when the window is closed.
      using panel = await connectBus(bus.environment.DBUS_SESSION_BUS_ADDRESS ?? '');
      await panel.own('org.kde.StatusNotifierWatcher');
      desktop.clickTray('Open Gangway');
      desktop.window.close();
      await vi.waitFor(() => expect(desktop.window.isVisible()).toBe(false));
      expect(desktop.trays.map((tray) => tray.isDestroyed())).toEqual([true, false]);
      await vi.waitFor(() => expect(state.tray).toBe('shown'));
    },
  );

  test('is not needed to say that a page of the tray could not be opened', async () => {
    await using app = await startApp();
    app.desktop.clickTray('Help', 'Help page');
    await vi.waitFor(() =>
      expect(app.desktop.notes.map(({ title }) => title)).toEqual(['That did not work']),
    );
    expect(app.desktop.shell.opened).toEqual([]);
  });

  test('opens where it was when the app starts again', async () => {
    let place: string | undefined;
    {
      await using app = await startApp();
      await vi.waitFor(() => expect(app.desktop.window.isVisible()).toBe(true));
      app.desktop.window.drag({ x: 70, y: 90, width: 800, height: 600 });
      app.desktop.app.quit();
      await app.desktop.app.ended;
      place = await readFile(app.paths.desktop, 'utf8');
    }
    await using app = await startApp({
      before: (paths) => {
        mkdirSync(paths.config, { recursive: true, mode: 0o700 });
        writeFileSync(paths.desktop, place ?? '', { mode: 0o600 });
      },
    });
    expect(app.desktop.window.options).toMatchObject({ x: 70, y: 90, width: 800, height: 600 });
  });
});

describe('the end', () => {
  test('closes the window, gives the folder free and leaves code 0', async () => {
    await using app = await startApp();
    const { desktop } = app;
    desktop.clickTray('Quit Gangway');
    expect(await desktop.app.ended).toBe(0);
    expect([desktop.windows, desktop.trays.map((tray) => tray.isDestroyed())]).toEqual([[], [true]]);
    expect(desktop.ipcMain.channels).toEqual([]);
    await using next = reachOwner(app.paths, () => startOwner(app.paths));
    await next.reach();
    expect(next.isHosted).toBe(true);
  });

  test.each<[string, (app: App) => void]>([
    ['the system shuts down', ({ desktop }) => void desktop.powerMonitor.announce('shutdown')],
    [
      'the person logs off on Windows',
      ({ desktop }) =>
        void desktop.window.announce('session-end', {
          preventDefault: () => undefined,
          defaultPrevented: false,
          reasons: ['logoff'],
        }),
    ],
  ])('KL-03 comes without a question when %s', async (_when, end) => {
    await using app = await startApp();
    end(app);
    expect(await app.desktop.app.ended).toBe(0);
    expect(app.desktop.dialog.boxes).toEqual([]);
    expect(await app.log()).not.toContain('quit.late');
  });

  test.runIf(process.platform === 'linux')('does not wait for a keychain that does not answer', async () => {
    await using bus = await startBus();
    await bus.startKeyring();
    bus.freeze();
    const address = bus.environment.DBUS_SESSION_BUS_ADDRESS ?? '';
    await using app = await startApp({ vault: 'keychain', bus: address });
    await vi.waitFor(() => expect(app.desktop.children[0]?.pid).toBeDefined());
    const pid = app.desktop.children[0]?.pid;
    expect(lives(pid)).toBe(true);
    app.desktop.app.quit();
    expect(await app.desktop.app.ended).toBe(0);
    expect(await app.log()).not.toContain('quit.late');
    expect(lives(pid)).toBe(false);
  });

  test('a window can ask for it, too', async () => {
    await using app = await startApp();
    // The page goes with its window, so it hears no answer.
    void (await app.page()).desktop.quit();
    expect(await app.desktop.app.ended).toBe(0);
  });
});

test('waking up is passed on, however often', async () => {
  await using app = await startApp();
  for (let time = 0; time < 10; time += 1) {
    app.desktop.powerMonitor.announce('suspend');
    app.desktop.powerMonitor.announce('resume');
  }
  expect(await (await app.page()).control.status()).toMatchObject({ paused: false });
});

test('requests leave through the proxy that the system names for their address', async () => {
  await using proxy = await startProxy();
  await using app = await startApp();
  const asked: string[] = [];
  app.desktop.defaultSession.proxy = (url) => {
    asked.push(new URL(url).host);
    return `PROXY 127.0.0.1:${proxy.port}`;
  };
  const { control } = await app.page();
  await control.workspaces.look({ url: 'https://workspace.example/mcp' });
  expect(new Set(asked)).toEqual(new Set(['workspace.example']));
  expect(new Set(proxy.wanted)).toEqual(new Set(['workspace.example:443']));
});

/** A proxy that lets nobody through. */
async function startProxy() {
  const wanted: (string | undefined)[] = [];
  const server = createServer().on('connect', ({ url }, socket) => {
    wanted.push(url);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    wanted,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
