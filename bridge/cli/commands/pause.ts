import { BridgeError } from '../../contract/errors.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { localTime } from '../words.ts';

export interface PauseOptions {
  /** Until a person resumes when absent. */
  readonly minutes?: number;
}

interface PauseFlags {
  readonly for?: string;
}

const LONGEST_MINUTES = 24 * 60;

export const command = bridgeCommand<PauseFlags, PauseOptions>({
  usage: 'pause',
  summary: 'let no call through until you resume',
  declare: (declared) =>
    declared.option('--for <time>', 'resume by itself after so long: 15m, 1h, or a number of minutes'),
  parse: parsePause,
  run: pauseAll,
});

/** @throws BridgeError `invalid-input` for a time that is none, or too long. */
export function parsePause(_: readonly string[], flags: PauseFlags): PauseOptions {
  if (flags.for === undefined) return {};
  const [, digits, unit] = /^(\d{1,4})(m|h)?$/i.exec(flags.for.trim()) ?? [];
  const minutes = Number(digits) * (unit?.toLowerCase() === 'h' ? 60 : 1);
  if (minutes >= 1 && minutes <= LONGEST_MINUTES) return { minutes };
  throw new BridgeError(
    'invalid-input',
    'Say how long as in 15m, 1h or 90, which is minutes. A pause with an end lasts 24 hours at most.',
  );
}

/** Stops every call; clients stay connected. */
export async function pauseAll(options: PauseOptions, { control, signal }: CommandParts): Promise<Shown> {
  const status = await control.pause(options, { signal });
  const until = status.pausedUntil;
  const line = until
    ? `All access is paused until ${localTime(until, new Date())}. Go on before that with: gangway resume`
    : 'All access is paused. Go on with: gangway resume';
  return { value: status, lines: [line] };
}
