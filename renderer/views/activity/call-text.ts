import type { ActivityEntry } from '#contract/activity.ts';
import { exactText } from '../../components/time.tsx';
import { texts } from '../../texts/texts.ts';
import { durationText, sizeText } from './amounts.ts';

/** Longer texts do not fit on the clipboard of the desktop app. */
const COPIED = 60_000;

/** What was called: the tool where there is one, else the method. */
export function callName({ method, target }: Pick<ActivityEntry, 'method' | 'target'>): string {
  return method === 'tools/call' && target !== null ? target : method;
}

/** What an error code means, in one sentence. */
export function meaningOf(code: number): string {
  const { meaning, workspaceMeaning, otherMeaning } = texts.activity;
  const known: Readonly<Record<string, string>> = { ...workspaceMeaning, ...meaning };
  return known[String(code)] ?? otherMeaning;
}

/** A kept text with line breaks where it is JSON; as it is where it was cut. */
export function laidOut(text: string): string {
  return shortened(withLineBreaks(text), COPIED / 2);
}

function withLineBreaks(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

function shortened(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit).toWellFormed()} ${texts.activity.cutMark}`;
}

/** One call for a message to somebody else, line by line. */
export function callAsText(entry: ActivityEntry): string {
  const words = texts.activity;
  const lines: readonly (readonly [string, string | null])[] = [
    [words.time, `${exactText(entry.at)} (${entry.at})`],
    [words.client, entry.client],
    [words.door, words.doors[entry.door]],
    [words.account, entry.accountLabel],
    [words.columns.user, entry.user],
    [words.method, entry.method],
    [words.target, entry.target],
    [words.outcome, texts.words.outcome[entry.outcome]],
    [words.code, entry.code === null ? null : `${entry.code}: ${meaningOf(entry.code)}`],
    [words.duration, durationText(entry.durationMs)],
    [words.sent, sizeText(entry.sentBytes)],
    [words.received, receivedText(entry)],
    [words.arguments, entry.arguments],
    [words.result, entry.result],
  ];
  return lines
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${shortened(value ?? '', COPIED / 2.5)}`)
    .join('\n');
}

export function receivedText({ receivedBytes, truncated }: ActivityEntry): string {
  const size = sizeText(receivedBytes);
  return truncated ? texts.activity.receivedCut(size) : size;
}
