import { expect, test } from 'vitest';
import { openWindow } from './open-window.ts';

test('the window opens by a one-time link and shows what the bridge knows', async () => {
  await using opened = await openWindow({ route: '/settings' });
  await opened.page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
});

test('a window that logs an error, or is refused by its policy, fails its test', async () => {
  const logged = await openWindow({ route: '/settings' });
  await logged.page.evaluate("console.error('a fault of the window')");
  await expect(logged[Symbol.asyncDispose]()).rejects.toThrow('a fault of the window');

  const styled = await openWindow({ route: '/settings' });
  await styled.page.evaluate(
    "document.head.append(Object.assign(document.createElement('style'), { textContent: 'p {}' }))",
  );
  await expect(styled[Symbol.asyncDispose]()).rejects.toThrow('securitypolicyviolation');

  const asked = await openWindow({ route: '/settings' });
  await asked.page.evaluate("fetch('http://127.0.0.1:9/').catch(() => undefined)");
  await expect(asked[Symbol.asyncDispose]()).rejects.toThrow('connect-src');

  const thrown = await openWindow({ route: '/settings' });
  await thrown.page.evaluate("setTimeout(() => { throw new Error('nobody catches this') })");
  await thrown.page.evaluate('new Promise((resolve) => setTimeout(resolve))');
  await expect(thrown[Symbol.asyncDispose]()).rejects.toThrow('nobody catches this');
});
