import type { Command, CommandGroup } from './commands.ts';

/** How well a word stands in a text: exactly, at its beginning, inside of it, or with letters left out. */
const EXACT = 8;
const BEGINS = 6;
const INSIDE = 3;
const SCATTERED = 1;
/** What is found in the label counts more than what is found beside it. */
const LABEL = 2;
/** Shorter words with letters left out would fit everything. */
const LEAST_SCATTERED = 3;

/**
 * The commands that fit what was typed, the best first, in groups of which the best comes first. Every word must fit:
 * the beginning of a word, a part of it, or its letters in their order. Nothing typed leaves everything as it is.
 */
export function matching(groups: readonly CommandGroup[], typed: string): readonly CommandGroup[] {
  const asked = wordsOf(typed);
  if (asked.length === 0) return groups;
  return groups
    .map(({ value, items }) => {
      const scored = items
        .map((command) => ({ command, score: scoreOf(command, value, asked) }))
        .filter(({ score }) => score > 0)
        .sort((one, other) => other.score - one.score);
      return { value, items: scored.map(({ command }) => command), best: scored[0]?.score ?? 0 };
    })
    .filter(({ best }) => best > 0)
    .sort((one, other) => other.best - one.best)
    .map(({ value, items }) => ({ value, items }));
}

/** 0 when a word does not fit. */
function scoreOf({ label, detail, also }: Command, group: string, asked: readonly string[]): number {
  const main = wordsOf(label);
  const beside = wordsOf(`${detail} ${also} ${group}`);
  let sum = 0;
  for (const word of asked) {
    const best = Math.max(LABEL * bestOf(main, word), bestOf(beside, word));
    if (best === 0) return 0;
    sum += best;
  }
  return sum;
}

function bestOf(words: readonly string[], asked: string): number {
  return words.reduce((best, word) => Math.max(best, grade(word, asked)), 0);
}

function grade(word: string, asked: string): number {
  if (word === asked) return EXACT;
  if (word.startsWith(asked)) return BEGINS;
  if (word.includes(asked)) return INSIDE;
  return asked.length >= LEAST_SCATTERED && isScattered(word, asked) ? SCATTERED : 0;
}

/** The letters in their order, the first one at the beginning. */
function isScattered(word: string, asked: string): boolean {
  if (word[0] !== asked[0]) return false;
  let at = 0;
  for (const letter of asked) {
    at = word.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Without case and accents. */
function wordsOf(text: string): string[] {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
