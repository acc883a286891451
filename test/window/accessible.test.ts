import { expect, test } from 'vitest';
import { expectAccessible } from './accessible.ts';
import { openWindow } from './open-window.ts';

test('a button without a name and text that cannot be read are found and said rule by rule', async () => {
  await using opened = await openWindow({ route: '/settings' });
  const { page } = opened;
  await expectAccessible(page);
  await page.evaluate(`document.querySelector('#content').append(document.createElement('button'))`);
  await expect(expectAccessible(page)).rejects.toThrow(/button-name \(critical\)[\s\S]*<button><\/button>/);
  await expectAccessible(page, 'colours');
  await page.evaluate(`document.querySelector('h1').style.color = '#eee'`);
  await expect(expectAccessible(page, 'colours')).rejects.toThrow('color-contrast');
});
