import type { AccountRules } from '#contract/account.ts';
import type { RulesChange } from '#contract/control.ts';
import { texts } from '../../texts/texts.ts';

const words = texts.rules;

/** What apps may do with one account, in a sentence or two. */
export function ruleText({ readOnly, allow, deny }: AccountRules, isAllReadOnly: boolean): string {
  const listed = allow?.filter((name) => !deny.includes(name)).length;
  if (!readOnly && !isAllReadOnly) {
    if (listed !== undefined) return words.listed(listed);
    return deny.length === 0 ? words.all : words.allBut(deny.length);
  }
  const reading = readOnly ? words.reading : words.readingAll;
  if (listed !== undefined) return `${reading} ${words.readingListed(listed)}`;
  return deny.length === 0 ? reading : `${reading} ${words.readingBut(deny.length)}`;
}

export const presets = ['everything', 'read-only', 'listed'] as const;
export type Preset = (typeof presets)[number];

/** Whether the rules are as this preset leaves them. */
export function isAt(preset: Preset, { readOnly, allow, deny }: AccountRules): boolean {
  switch (preset) {
    case 'everything':
      return !readOnly && allow === undefined && deny.length === 0;
    case 'read-only':
      return readOnly;
    case 'listed':
      return allow !== undefined;
    default:
      return preset satisfies never;
  }
}

/**
 * What a preset changes. `read-only` leaves the switches of single tools, so that none comes back on when it ends;
 * `listed` begins with the tools that are switched on now.
 */
export function changeTo(
  preset: Preset,
  { allow, deny }: AccountRules,
  tools: readonly string[],
): RulesChange {
  switch (preset) {
    case 'everything':
      return { readOnly: false, allow: null, deny: [] };
    case 'read-only':
      return { readOnly: true };
    case 'listed':
      return { allow: (allow ?? tools).filter((name) => !deny.includes(name)), deny: [] };
    default:
      return preset satisfies never;
  }
}

/** What brings these rules back. */
export function backTo({ readOnly, allow, deny }: AccountRules): RulesChange {
  return { readOnly, allow: allow ?? null, deny };
}
