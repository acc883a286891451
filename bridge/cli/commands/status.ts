import type { AccountView, BridgeStatus } from '../../contract/control.ts';
import type { SessionView } from '../../contract/session.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';
import { counted, localTime } from '../words.ts';

export const command = bridgeCommand({
  usage: 'status',
  summary: 'how the bridge, its accounts and its clients are',
  parse: () => undefined,
  run: (_, parts) => showStatus(parts),
});

const VAULT: Readonly<Record<BridgeStatus['vault']['state'], string>> = {
  ready: 'ready',
  locked: 'not unlocked yet; Gangway goes on by itself once it is',
  denied: 'access refused; allow it and start Gangway again',
  absent: 'not found; start a keychain or choose another vault',
  empty: 'without the key that opens the saved sign-ins',
};

/** Everything at a glance. `running` is false when only this command hosts the bridge. */
export async function showStatus({ control, terminal, isHosted, signal }: CommandParts): Promise<Shown> {
  const status = await control.status(undefined, { signal });
  const [accounts, sessions] = await Promise.all([
    control.accounts.list(undefined, { signal }),
    control.sessions.list(undefined, { signal }),
  ]);
  const running = !isHosted();
  const lines = [
    ...runningLines(status, running),
    `Accounts   ${accountsLine(accounts)}`,
    `Clients    ${sessions.length === 0 ? 'none connected' : `${counted(sessions.length, 'conversation')}`}`,
    ...sessionLines(sessions, accounts, (line) => terminal.style('dim', line)),
  ];
  return { value: { running, ...status, accounts, sessions }, lines };
}

function runningLines(status: BridgeStatus, running: boolean): string[] {
  const since = `running since ${localTime(status.startedAt, new Date())}, process ${status.pid}`;
  return [
    `Bridge     ${running ? since : 'not running; start it with: gangway serve'}`,
    ...(status.paused ? ['           paused; go on with: gangway resume'] : []),
    ...(running ? [`HTTP door  ${status.url ?? 'closed'}`] : []),
    `Keys       ${status.vault.kind}, ${VAULT[status.vault.state]}`,
    `Data       ${status.home}`,
    `Version    ${status.version}`,
  ];
}

function accountsLine(accounts: readonly AccountView[]): string {
  if (accounts.length === 0) return 'none yet; add one with: gangway add';
  const waiting = accounts.filter(({ state }) => state === 'sign-in-needed').map(({ slug }) => slug);
  const ready = `${accounts.length - waiting.length} ready`;
  return waiting.length === 0 ? ready : `${ready}; sign-in needed: ${waiting.join(', ')}`;
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
