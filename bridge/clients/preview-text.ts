import { oneLine } from '../base/text.ts';
import type { ClientDoor } from '../contract/clients.ts';
import type { Splice } from './formats/format.ts';

/** How a client reaches the bridge, as far as it may be shown. */
export type Way =
  | { readonly door: 'stdio'; readonly command: string; readonly args: readonly string[] }
  | { readonly door: 'http'; readonly url: string };

/** Line of the text, from 1, at which a change begins to show: blanks and the comma before an entry do not count. */
export function lineOf(text: string, splice: Splice): number {
  const lead = /^[\s,]*/.exec(splice.added || splice.removed)?.[0] ?? '';
  const before = text.slice(0, splice.start) + lead;
  return before.split(/\r\n|\r|\n/).length;
}

/** The lines in which two texts differ, as one stretch. */
export function difference(before: string, after: string): Splice {
  const [old, now] = [linesOf(before), linesOf(after)];
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  return {
    start: old.slice(0, head).join('').length,
    removed: old.slice(head, old.length - tail).join(''),
    added: now.slice(head, now.length - tail).join(''),
  };
}

/** Each with its end. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

export interface ConnectSaid {
  readonly client: string;
  readonly entry: string;
  /** The name that was wanted and belongs to something else. */
  readonly takenName: string | undefined;
  readonly way: Way;
  /** The door that would be better, and why it is not used. */
  readonly instead: ClientDoor | undefined;
  readonly exists: boolean;
  /** Other users of this computer may read the file now. */
  readonly isOpen: boolean;
  readonly replaces: 'nothing' | 'ours' | 'changed' | 'former' | 'foreign';
  readonly others: number;
  /** Names of fields of the former entry that the new one has, too. */
  readonly kept: readonly string[];
}

/** What connecting changes, one fact a line. */
export function connectSaid(facts: ConnectSaid): string[] {
  const { client, entry, takenName, way, instead, exists, isOpen, replaces, others, kept } = facts;
  const how = way.door === 'stdio' ? `starts ${way.command}` : `asks ${way.url}`;
  const said = [`${replaces === 'nothing' ? 'Adds' : 'Writes'} the entry ${entry}: ${client} ${how}.`];
  if (instead === 'http') said.push('The HTTP door is closed, so the entry starts a command.');
  if (instead === 'stdio')
    said.push('This copy of Gangway has no command to start, so the entry has an address.');
  if (takenName !== undefined)
    said.push(`The name ${takenName} belongs to another entry, which stays as it is.`);
  if (replaces === 'ours') said.push('It takes the place of the entry that Gangway wrote before.');
  if (replaces === 'changed') said.push('It takes the place of the entry that somebody changed.');
  if (replaces === 'former') said.push('It takes the place of an entry of an earlier Gangway.');
  if (kept.length > 0) said.push(besides(kept));
  if (way.door === 'http')
    said.push('A key of its own stands in the entry; it is good on this computer only.');
  if (way.door === 'http' && isOpen)
    said.push(
      'Other users of this computer may read the file now; it is closed to them as long as the key is in it.',
    );
  if (!exists) said.push('The file is made, because there is none yet.');
  said.push(...stays(others));
  if (exists) said.push('A copy of the file is kept.');
  return said;
}

/** Fields of the entry that is replaced which the new one has, too. */
export function besides(names: readonly string[]): string {
  return `What was set in it besides stays: ${names.join(', ')}.`.slice(0, 300);
}

/** What a migration changes besides. */
export function stays(others: number): string[] {
  if (others === 0) return [];
  return [
    others === 1 ? 'The other server stays as it is.' : `The ${others} other servers stay as they are.`,
  ];
}

export interface RemovalSaid {
  readonly client: string;
  readonly entry: string;
  readonly how: 'entry' | 'original' | 'file' | 'nothing';
  readonly why: 'as-written' | 'changed' | 'off' | 'gone' | 'foreign';
  readonly hasKey: boolean;
  readonly others: number;
}

/** What disconnecting changes, one fact a line. */
export function removalSaid({ client, entry, how, why, hasKey, others }: RemovalSaid): string[] {
  const said: string[] = [];
  if (why === 'gone') said.push(`The entry ${entry} is not there any more. Gangway forgets it.`);
  if (why === 'foreign')
    said.push(`The entry ${entry} leads somewhere else now, so it stays. Gangway forgets it.`);
  if (why === 'changed') said.push(`Somebody changed the entry ${entry}; it is removed as it is now.`);
  if (why === 'off') said.push(`The entry ${entry} is switched off in ${client}; it is removed.`);
  if (how === 'entry' && why === 'as-written') said.push(`Removes the entry ${entry}.`);
  if (how === 'original') said.push('Puts the file back as it was before Gangway, byte for byte.');
  if (how === 'file') said.push('Removes the file, because there was none before Gangway.');
  if (how === 'entry') said.push(...stays(others));
  if (hasKey) said.push('The key in it is not valid any more then.');
  if (how !== 'nothing') said.push('A copy of the file is kept.');
  return said;
}

/** A name from a foreign file, as it may be shown. */
export function shownName(name: string): string {
  return oneLine(name, 80) || '(no name)';
}
