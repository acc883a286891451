import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOURS = ['color-contrast', 'link-in-text-block'];

/**
 * Looks at the page as it is now with axe: WCAG 2.2 A and AA, and what it calls best practice; or at contrast only.
 *
 * @throws Error that says rule by rule what is wrong, where, and what axe proposes.
 */
export async function expectAccessible(
  page: Page,
  at: 'everything' | 'colours' = 'everything',
): Promise<void> {
  // The window has no frames; without looking for them axe is twice as fast.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (at === 'everything' ? axe.withTags(TAGS) : axe.withRules(COLOURS)).analyze();
  if (violations.length === 0) return;
  const lines = violations.flatMap(({ id, impact, help, nodes }) => [
    `${id} (${impact ?? 'minor'}): ${help}`,
    ...nodes.flatMap(({ target, html, failureSummary = '' }) => [
      `  ${target.join(' ')}`,
      `    ${html.slice(0, 200)}`,
      ...failureSummary.split('\n').map((line) => `    ${line.trim()}`),
    ]),
  ]);
  throw new Error(`axe found ${violations.length} fault(s):\n${lines.join('\n')}`);
}
