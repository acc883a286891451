import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** A program that runs in the page. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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
  // Once for as long as a page lives; most of the time of a short look would be spent on this.
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) await page.evaluate(AXE);
  const options: RunOptions = {
    runOnly: at === 'everything' ? { type: 'tag', values: TAGS } : { type: 'rule', values: COLOURS },
    resultTypes: ['violations'],
    // The window has none.
    iframes: false,
  };
  const { violations } = await page.evaluate<Pick<AxeResults, 'violations'>>(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => ({ violations }))`,
  );
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
