import { oneLine } from '../../base/text.ts';
import type { AccountView, BridgeStatus } from '../../contract/control.ts';
import type { SessionView } from '../../contract/session.ts';
import { hasEnded, type SignInView } from '../../contract/sign-in.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';
import { counted, localTime, timeLeft } from '../words.ts';

export const command = bridgeCommand({
  usage: 'status',
  summary: 'how the bridge, its accounts and its clients are',
  parse: () => undefined,
  run: (_, parts) => showStatus(parts),
});

const VAULT: Readonly<Record<BridgeStatus['vault']['state'], string>> = {
  ready: 'ready',
  locked: 'not unlocked yet; to be asked for that: gangway unlock',
  denied: 'access refused; to try again: gangway unlock',
  absent: 'not found; start a keychain or choose another vault',
  empty: 'without the key that opens the saved sign-ins',
};

const STATE: Readonly<Record<AccountView['condition']['state'], string>> = {
  ready: 'ready',
  'signing-in': 'signing in',
  'sign-in-needed': 'sign-in needed',
  locked: 'locked',
  offline: 'sign-in not renewed',
  blocked: 'refused',
  misconfigured: 'misconfigured',
  unsaved: 'not saved',
};

/** Everything at a glance. `running` is false when only this command hosts the bridge. */
export async function showStatus({ control, terminal, isHosted, signal }: CommandParts): Promise<Shown> {
  const status = await control.status(undefined, { signal });
  const [{ readOnly }, accounts, signIns, sessions] = await Promise.all([
    control.settings.get(undefined, { signal }),
    control.accounts.list(undefined, { signal }),
    control.signIn.list(undefined, { signal }),
    control.sessions.list(undefined, { signal }),
  ]);
  const running = !isHosted();
  const lines = [
    ...runningLines(status, readOnly, running),
    `Accounts   ${accountsLine(accounts)}`,
    ...troubleLines(accounts),
    ...signInLines(signIns, new Date()),
    `Clients    ${sessions.length === 0 ? 'none connected' : `${counted(sessions.length, 'conversation')}`}`,
    ...sessionLines(sessions, accounts, (line) => terminal.style('dim', line)),
  ];
  return { value: { running, ...status, readOnly, accounts, signIns, sessions }, lines };
}

function runningLines(status: BridgeStatus, readOnly: boolean, running: boolean): string[] {
  const since = `running since ${localTime(status.startedAt, new Date())}, process ${status.pid}`;
  return [
    `Bridge     ${running ? since : 'not running; start it with: gangway serve'}`,
    ...(status.paused ? [`           ${pausedText(status)}`] : []),
    ...(readOnly ? [READ_ONLY] : []),
    ...(running ? [`HTTP door  ${status.url ?? 'closed'}`] : []),
    `Keys       ${status.vault.kind}, ${VAULT[status.vault.state]}`,
    `Data       ${status.home}`,
    `Version    ${status.version}`,
  ];
}

const READ_ONLY = '           everything is read-only; end that with: gangway settings read-only off';

function pausedText({ pausedUntil }: BridgeStatus): string {
  if (pausedUntil === null) return 'paused; go on with: gangway resume';
  return `paused until ${localTime(pausedUntil, new Date())}; go on before that with: gangway resume`;
}

/** How many are ready, and which are in which trouble. */
function accountsLine(accounts: readonly AccountView[]): string {
  if (accounts.length === 0) return 'none yet; add one with: gangway add';
  const unwell = accounts.filter(({ condition }) => condition.state !== 'ready');
  const byState = Map.groupBy(unwell, ({ condition }) => condition.state);
  const rest = [...byState].map(
    ([state, some]) => `${STATE[state]}: ${some.map(({ slug }) => slug).join(', ')}`,
  );
  return [`${accounts.length - unwell.length} ready`, ...rest].join('; ');
}

/** Why each of them is not as it should be, and what helps. */
function troubleLines(accounts: readonly AccountView[]): string[] {
  return accounts
    .filter(({ condition }) => condition.text !== '' && condition.state !== 'signing-in')
    .map(({ slug, condition }) => `           ${slug}: ${oneLine(condition.text, 300)}`);
}

/** Sign-ins under way. */
function signInLines(signIns: readonly SignInView[], now: Date): string[] {
  return signIns
    .filter(({ state }) => !hasEnded(state))
    .map(({ label, state }, index) => {
      const heading = index === 0 ? 'Sign-ins   ' : ' '.repeat(11);
      return `${heading}${oneLine(label, 80)}: ${stepOf(state, now)}`;
    });
}

function stepOf(state: SignInView['state'], now: Date): string {
  switch (state.step) {
    case 'waiting':
      return `waiting for you at ${oneLine(state.host, 100)}, ${timeLeft(state.expiresAt, now.getTime())} left`;
    case 'asking':
      return oneLine(state.question.text, 300);
    default:
      return 'under way';
  }
}

function sessionLines(
  sessions: readonly SessionView[],
  accounts: readonly AccountView[],
  paint: (line: string) => string,
): string[] {
  if (sessions.length === 0) return [];
  const labels = new Map<string, string>(accounts.map(({ id, label }) => [id, label]));
  const rows = sessions.map((session) => [
    session.program ?? session.client,
    session.door,
    session.address,
    session.account === null ? '-' : (labels.get(session.account) ?? '-'),
    session.protocolVersion ?? '-',
    String(session.calls),
    localTime(session.since, new Date()),
  ]);
  const heading = ['CLIENT', 'DOOR', 'ADDRESS', 'ACCOUNT', 'PROTOCOL', 'CALLS', 'SINCE'];
  return ['', ...table([heading, ...rows], paint)];
}
