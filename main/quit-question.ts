import type { Snapshot } from '#contract/control.ts';
import type { DesktopChoices } from '#contract/desktop.ts';
import { desktopTexts } from './texts/desktop.ts';

/** What a person is asked before the app ends. */
export interface QuitQuestion {
  readonly message: string;
  readonly detail: string;
  /** In the order of the answers. */
  readonly buttons: readonly [quit: string, stay: string];
  readonly tick: string;
}

/**
 * The question while apps are connected, when quitting takes the bridge away from them. Undefined when there is nothing
 * to ask. Pure.
 */
export function quitQuestion(
  snapshot: Pick<Snapshot, 'sessions'> | undefined,
  choices: Pick<DesktopChoices, 'askBeforeQuit'>,
  takesAway: boolean,
): QuitQuestion | undefined {
  if (!takesAway || !choices.askBeforeQuit) return undefined;
  const count = new Set(snapshot?.sessions.map(({ client, program }) => program ?? client)).size;
  if (count === 0) return undefined;
  const texts = desktopTexts;
  return {
    message: texts.connected(count),
    detail: texts.losesAccess(count),
    buttons: [texts.quit, texts.keep],
    tick: texts.neverAsk,
  };
}
