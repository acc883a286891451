import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '../base/paths.ts';
import { isRecord } from '../base/record.ts';
import { Redactor } from '../base/redactor.ts';
import { oneLine } from '../base/text.ts';
import { Settings } from '../contract/settings.ts';
import { checksOf, type Finding } from './findings.ts';

/** Each connected app takes at least one, each call another one or two. */
const FEW_FILES = 256;
/** An older failure says nothing about now. */
const RECENT_MS = 24 * 60 * 60_000;

const { notice } = checksOf('gangway');

/** What a person chose that keeps calls, or the whole of Gangway, from running. Pure. */
export function settingsFindings({ paused, pausedUntil, readOnly, startOwner }: Settings): Finding[] {
  const findings: Finding[] = [];
  if (paused) {
    const until = pausedUntil === undefined ? '' : ` until ${pausedUntil}`;
    findings.push(
      notice('paused', `Everything is paused${until}: no call goes through.`, 'Go on with: gangway resume'),
    );
  }
  if (readOnly) {
    const text = 'Everything is read-only: no call goes through that changes something.';
    findings.push(notice('read-only', text, 'End that with: gangway settings read-only off'));
  }
  if (!startOwner) {
    const text = 'Apps may not start Gangway, so they work only while it runs already.';
    findings.push(notice('start-not-allowed', text, 'Allow it with: gangway settings start-owner on'));
  }
  return findings;
}

/** Too few files that may be open at once. Pure. */
export function fileLimitFindings(openFiles: number | undefined): Finding[] {
  if (openFiles === undefined || openFiles >= FEW_FILES) return [];
  const text = `Gangway may open only ${openFiles} files and connections at once, which several busy apps use up.`;
  return [notice('few-files', text, 'Start it with a higher limit: ulimit -n 1024')];
}

/** Why an app could not start Gangway the last time it tried, unless it runs by now. */
export async function lookAtLastStart({ logs }: Pick<Paths, 'logs'>, now: Date): Promise<Finding[]> {
  const path = join(logs, 'start.log');
  const written = await stat(path).catch(() => undefined);
  if (!written?.isFile() || now.getTime() - written.mtimeMs > RECENT_MS) return [];
  const text = await readFile(path, 'utf8').catch(() => '');
  const why = /^gangway: (.+)$/m.exec(text)?.[1];
  // Two apps that start it at the same moment are no failure.
  if (why === undefined || why.includes('already running')) return [];
  const said = oneLine(new Redactor().clean(why), 200);
  const fix = 'Start it by hand and see whether it works now: gangway serve';
  return [
    {
      ...notice('start-failed', `The last time an app started Gangway, it failed: ${said}`, fix, path),
      lasts: 'as-it-is',
    },
  ];
}

/** The settings as they stand in the file; each is as at first where nothing else can be read. For a look without the owner. */
export async function settingsIn(path: string): Promise<Settings> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isRecord(parsed)) {
      const { version: _, ...content } = parsed;
      return Settings.parse(content);
    }
  } catch {
    // What is wrong with the file is said elsewhere.
  }
  return Settings.parse({});
}
