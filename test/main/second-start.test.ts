import { existsSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { LINK, runApp, startApp, stateOf } from './an-app.ts';

describe('a second start', () => {
  test('ends at once and tells the first one its link', async () => {
    await using app = await runApp({ isSecond: true, argv: ['--hidden', LINK, '--x'] });
    expect(await app.desktop.app.ended).toBe(0);
    expect(app.desktop.app.sent).toEqual({ link: LINK });
    expect(existsSync(app.paths.logs)).toBe(false);
  });

  test('tells at most four kilobytes', async () => {
    await using app = await runApp({ isSecond: true, argv: [`${LINK}${'ä'.repeat(100_000)}`] });
    expect(Buffer.byteLength(JSON.stringify(app.desktop.app.sent))).toBeLessThanOrEqual(4096);
  });

  test('DL-04 with two links tells none', async () => {
    await using app = await runApp({ isSecond: true, argv: [LINK, LINK] });
    expect(app.desktop.app.sent).toEqual({});
  });

  test('by the system only sees that the first one runs', async () => {
    await using second = await runApp({ isSecond: true, argv: ['--hidden'] });
    expect(second.desktop.app.sent).toEqual({ hidden: true });
    await using app = await startApp({ argv: ['--hidden'] });
    app.desktop.startAgain([], second.desktop.app.sent);
    expect(app.desktop.windows).toEqual([]);
  });

  test('while the first one is not up yet is not forgotten', async () => {
    await using app = await runApp({ waits: true, argv: ['--hidden'] });
    app.desktop.startAgain();
    app.desktop.app.becomeReady();
    await vi.waitFor(() => expect(app.desktop.window.isVisible()).toBe(true));
  });

  test.each<[string, unknown, string[]]>([
    ['', {}, []],
    [' with a link', { link: LINK }, [LINK]],
  ])('while the first one ends%s starts the next one after it', async (_how, told, words) => {
    await using app = await startApp({ argv: ['--hidden'] });
    const { desktop } = app;
    desktop.app.quit();
    // What is to be heard comes in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(desktop.app.hasEnded).toBe(false);
    desktop.startAgain([], told);
    desktop.startAgain([], { hidden: true });
    await desktop.app.ended;
    expect(desktop.everyWindow).toEqual([]);
    const again = desktop.app.deeds.filter(([what]) => what === 'relaunch');
    expect(again).toEqual([['relaunch', { args: [desktop.app.getAppPath(), ...words] }]]);
  });

  test('shows the window of the first one', async () => {
    await using app = await startApp({ argv: ['--hidden'] });
    app.desktop.startAgain();
    await vi.waitFor(() => expect(app.desktop.window.isVisible()).toBe(true));
  });

  test('with a link fills the form of the first one, and nothing else happens', async () => {
    await using app = await startApp({ argv: ['--hidden'] });
    app.desktop.startAgain([], { link: LINK });
    await vi.waitFor(() => expect(app.desktop.window.isVisible()).toBe(true));
    expect((await stateOf(app)).form).toEqual({
      url: 'https://mcp.pelcro.com/',
      label: 'Herald',
      notes: [],
    });
    expect(await (await app.page()).control.accounts.list()).toEqual([]);
    expect(existsSync(app.paths.accounts)).toBe(false);
    await (await app.page()).desktop.formTaken();
    expect((await stateOf(app)).form).toBeNull();
  });

  test.each<[string, unknown]>([
    ['something else', { link: 1 }],
    ['more than a link', { link: LINK, run: 'x' }],
    ['a link that is too long', { link: LINK.padEnd(5_000, 'x') }],
    ['nothing', null],
    ['a text', LINK],
  ])('DL-08 that tells %s only shows the window', async (_what, data) => {
    await using app = await startApp({ argv: ['--hidden'] });
    app.desktop.startAgain([LINK, '--inspect'], data);
    await vi.waitFor(() => expect(app.desktop.window.isVisible()).toBe(true));
    expect((await stateOf(app)).form).toBeNull();
  });
});

describe('a link', () => {
  test.each(['argv', 'open-url'])(
    'DL-06 that comes by %s before the app is ready waits for it',
    async (way) => {
      await using app = await runApp({ waits: true, argv: way === 'argv' ? [LINK] : [] });
      if (way === 'open-url') for (const link of [LINK, `${LINK}2`]) app.desktop.openUrl(link);
      app.desktop.app.becomeReady();
      await vi.waitFor(() => expect(app.desktop.window.isVisible()).toBe(true));
      expect((await stateOf(app)).form).toMatchObject({ label: 'Herald' });
    },
  );

  test('DL-05 is one of a thousand: at most one form, and the app lives', async () => {
    await using app = await startApp();
    for (let number = 0; number < 1_000; number += 1) app.desktop.openUrl(`${LINK}${number}`);
    expect((await stateOf(app)).form).toMatchObject({ label: 'Herald0' });
    expect(app.desktop.windows).toHaveLength(1);
    expect(app.desktop.dialog.boxes).toEqual([]);
  });

  test('DL-03 that is refused is told with one sentence, once', async () => {
    await using app = await startApp();
    app.desktop.openUrl('gangway://add?url=javascript:alert(1)');
    const box = await app.desktop.dialog.question();
    expect(box.options).toMatchObject({ type: 'warning', message: 'This link was not opened' });
    expect(box.options.detail?.length).toBeLessThanOrEqual(300);
    box.dismiss();
    await box.answered;
    expect((await stateOf(app)).form).toBeNull();
    expect(app.desktop.dialog.boxes).toHaveLength(1);
  });

  test('DL-03 that is refused by a box that cannot be shown is over, and the app lives', async () => {
    await using app = await startApp();
    app.desktop.dialog.showMessageBox = () => Promise.reject(new Error('no screen'));
    app.desktop.openUrl('gangway://add?url=javascript:alert(1)');
    await vi.waitFor(async () => expect(await app.log()).toContain('link.box'));
    expect(await app.log()).not.toContain('desktop.fault');
    expect((await stateOf(app)).form).toBeNull();
  });
});
