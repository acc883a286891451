import { describe, expect, test, vi } from 'vitest';
import { openStage, shown } from './an-open-window.ts';

describe('closing the window', () => {
  test('hides it, keeps its place and says so', async () => {
    const { desktop, windows, kept, told } = await openStage();
    windows.show();
    await shown(desktop);
    desktop.window.drag({ x: 40, y: 60, width: 900, height: 700 });
    desktop.window.close();
    expect([desktop.window.isVisible(), desktop.window.isDestroyed()]).toEqual([false, false]);
    expect(kept).toEqual([{ x: 40, y: 60, width: 900, height: 700, maximized: false }]);
    expect(told).toContain('hidden');
    windows.show();
    expect(desktop.window.isVisible()).toBe(true);
    expect(desktop.everyWindow).toHaveLength(1);
  });

  test('only makes it small where there is no tray', async () => {
    const { desktop, windows, told } = await openStage({ onClose: () => 'minimize' });
    windows.show();
    await shown(desktop);
    desktop.window.close();
    expect([desktop.window.isMinimized(), desktop.window.isVisible()]).toEqual([true, true]);
    expect(told).not.toContain('hidden');
    windows.show();
    expect(desktop.window.isMinimized()).toBe(false);
  });

  test('waits for a decision that takes its time', async () => {
    const decided = Promise.withResolvers<'hide'>();
    const { desktop, windows, told } = await openStage({ onClose: () => decided.promise });
    windows.show();
    await shown(desktop);
    desktop.window.close();
    expect(desktop.window.isVisible()).toBe(true);
    decided.resolve('hide');
    await vi.waitFor(() => expect(desktop.window.isVisible()).toBe(false));
    expect(told).toContain('hidden');
  });

  test.each(['is wanted again', 'is gone'])('changes nothing of a window that %s meanwhile', async (what) => {
    const decided = Promise.withResolvers<'hide'>();
    const { desktop, windows, told } = await openStage({ onClose: () => decided.promise });
    windows.show();
    await shown(desktop);
    const { window } = desktop;
    window.close();
    if (what === 'is gone') window.destroy();
    else windows.show();
    decided.resolve('hide');
    await new Promise((resolve) => setImmediate(resolve));
    expect([told.includes('hidden'), window.isVisible()]).toEqual([false, what !== 'is gone']);
  });

  test('makes it small when nobody can decide', async () => {
    const { desktop, windows } = await openStage({ onClose: () => Promise.reject(new Error('a fault')) });
    windows.show();
    await shown(desktop);
    desktop.window.close();
    await vi.waitFor(() => expect(desktop.window.isMinimized()).toBe(true));
  });

  test('closes it while the app ends for an update', async () => {
    const { desktop, windows } = await openStage({ onClose: () => 'close' });
    windows.show();
    await shown(desktop);
    desktop.window.close();
    expect(desktop.windows).toEqual([]);
    windows.show();
    await shown(desktop);
    expect(desktop.everyWindow).toHaveLength(2);
  });

  test('leaves the whole screen first', async () => {
    const { desktop, windows, told } = await openStage({ platform: 'darwin' });
    windows.show();
    await shown(desktop);
    desktop.window.setFullScreen(true);
    desktop.window.close();
    expect(desktop.window.isVisible()).toBe(true);
    await vi.waitFor(() => expect(desktop.window.isVisible()).toBe(false));
    expect(desktop.window.isFullScreen()).toBe(false);
    expect(told).toContain('hidden');
  });
});

test('on macOS the dock shows the app only while its window is there', async () => {
  const { desktop, windows } = await openStage({ platform: 'darwin' });
  const dock = (): boolean | undefined => desktop.app.doubleDock?.isVisible();
  windows.show();
  await shown(desktop);
  expect(dock()).toBe(true);
  desktop.window.close();
  expect(dock()).toBe(false);
  windows.show();
  expect(dock()).toBe(true);
  expect(desktop.app.deeds.at(-1)).toEqual(['focus', { steal: true }]);
  desktop.window.cover(true);
  expect(dock()).toBe(true);
  desktop.window.destroy();
  expect(dock()).toBe(false);
});

describe('a message box', () => {
  const box = { message: 'Quit?', buttons: ['Quit', 'Stay'], cancelId: 1 };

  test.each(['linux', 'win32'] as const)('stands alone on %s', async (platform) => {
    const { desktop, windows } = await openStage({ platform });
    const answer = windows.ask(box);
    (await desktop.dialog.question()).click('Quit');
    expect(await answer).toEqual({ response: 0, checkboxChecked: false });
    expect(desktop.dialog.boxes[0]?.window).toBeUndefined();
    expect(desktop.windows).toEqual([]);
  });

  test('on macOS belongs to the window, because alone it would hold up the app', async () => {
    const { desktop, windows, told } = await openStage({ platform: 'darwin' });
    const answer = windows.ask(box);
    const asked = await desktop.dialog.question();
    expect([asked.window, desktop.window.isVisible()]).toEqual([desktop.window, true]);
    asked.click('Stay', { tick: true });
    expect(await answer).toEqual({ response: 1, checkboxChecked: true });
    // Nobody closed it, so nobody has to be told where it went.
    expect([desktop.window.isVisible(), told.includes('hidden')]).toEqual([false, false]);
    expect(desktop.app.doubleDock?.isVisible()).toBe(false);
  });

  test('on macOS leaves a window where it was', async () => {
    const { desktop, windows } = await openStage({ platform: 'darwin' });
    windows.show();
    await shown(desktop);
    const answer = windows.ask(box);
    (await desktop.dialog.question()).click('Stay');
    await answer;
    expect(desktop.window.isVisible()).toBe(true);
  });

  test('on macOS is dismissed with its window, drawn or not', async () => {
    const { desktop, windows } = await openStage({ platform: 'darwin' });
    const early = windows.ask(box);
    desktop.window.destroy();
    expect(await early).toEqual({ response: 1, checkboxChecked: false });
    const late = windows.ask(box);
    await desktop.dialog.question();
    desktop.window.destroy();
    expect(await late).toEqual({ response: 1, checkboxChecked: false });
  });
});

test('nothing is shown any more once it has ended', async () => {
  const { desktop, windows } = await openStage({ platform: 'darwin' });
  await windows[Symbol.asyncDispose]();
  windows.show('/settings');
  expect(await windows.ask({ message: 'Quit?', cancelId: 1 })).toEqual({
    response: 1,
    checkboxChecked: false,
  });
  expect([desktop.everyWindow, desktop.dialog.boxes]).toEqual([[], []]);
});
