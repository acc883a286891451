import type { SessionView } from '#contract/session.ts';

/** The conversations of one app. */
export interface AppSessions {
  /** As the app calls itself, or the label of its token. */
  readonly name: string;
  readonly sessions: readonly SessionView[];
}

/** The apps that are connected, by name; of each the newest conversation first. */
export function appsOf(sessions: readonly SessionView[]): AppSessions[] {
  const groups = Map.groupBy(sessions, ({ program, client }) => program ?? client);
  return [...groups]
    .map(([name, own]) => ({
      name,
      sessions: own.toSorted((one, other) => Date.parse(other.since) - Date.parse(one.since)),
    }))
    .sort((one, other) => one.name.localeCompare(other.name, 'en'));
}
