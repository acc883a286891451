import type { Color, Environment } from '#contract/account.ts';
import type { ActivityEntry } from '#contract/activity.ts';
import type { ConnectorId } from '#contract/connector.ts';
import type { ToolEffect } from '#contract/control.ts';

/** Words that more than one screen uses. */
export const words = {
  cancel: 'Cancel',
  close: 'Close',
  done: 'Done',
  back: 'Back',
  next: 'Continue',
  save: 'Save',
  undo: 'Undo',
  retry: 'Try again',
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'It could not be copied. Select the text and copy it with the keyboard.',
  show: 'Show',
  hide: 'Hide',
  remove: 'Remove',
  search: 'Search',
  more: 'More',
  working: 'Working…',
  optional: 'optional',
  connector: {
    allegro: 'Allegro',
    pelcro: 'Pelcro',
    allv: 'allv',
    aly: 'Aly',
    custom: 'Other MCP server',
  } satisfies Record<ConnectorId, string>,
  environment: {
    production: 'Production',
    staging: 'Staging',
    development: 'Development',
  } satisfies Record<Environment, string>,
  color: {
    slate: 'Slate',
    red: 'Red',
    orange: 'Orange',
    amber: 'Amber',
    green: 'Green',
    teal: 'Teal',
    blue: 'Blue',
    violet: 'Violet',
    pink: 'Pink',
  } satisfies Record<Color, string>,
  /** How far a line of a checklist is, for those who do not see its sign. */
  check: { open: 'not yet', running: 'in progress', ok: 'done', failed: 'failed' },
  effect: { reads: 'Reads', writes: 'Writes', destroys: 'Deletes' } satisfies Record<ToolEffect, string>,
  outcome: {
    ok: 'Done',
    'tool-error': 'Tool error',
    error: 'Failed',
    blocked: 'Blocked by your rules',
    cancelled: 'Cancelled',
    unknown: 'Outcome unknown',
  } satisfies Record<ActivityEntry['outcome'], string>,
};
