import type { ClientDoor } from '#contract/clients.ts';

/** One client by one door in one workspace. */
export interface Row {
  readonly client: string;
  readonly version: string;
  readonly door: ClientDoor | '';
  /** The kind of workspace it began in. */
  readonly workspace: string;
  /** The revision it spoke with Gangway, from Gangway's own list of conversations. */
  readonly spoke: string;
  /** The revision in which its call arrived at the workspace. */
  readonly arrived: string;
  /** `ok`, `-` for what the client cannot do, or what happened instead. */
  readonly lists: string;
  readonly calls: string;
  /** It stayed connected while the account changed, and its next call went to the other account. */
  readonly follows: string;
  readonly seconds: number;
}

/** What a row asks of a client. */
export const steps = ['lists', 'calls', 'follows'] as const;
export type Step = (typeof steps)[number];

/** Something a client does wrong by itself, without Gangway too. */
export interface KnownFault {
  readonly client: string;
  readonly step: Step;
  readonly door?: ClientDoor;
  readonly workspace?: string;
  /** What it does, how that was seen without Gangway, and where it is reported. */
  readonly evidence: string;
}

export interface Judged {
  readonly row: Row;
  /** `red` is for us to mend; `known` is a fault of the client that the list and the run without Gangway both show. */
  readonly result: 'green' | 'known' | 'red';
  /** What went wrong, one line each. */
  readonly because: readonly string[];
}

/**
 * @param alone the same row without Gangway, for a row that is not green.
 */
export function judge(row: Row, alone: Row | undefined, faults: readonly KnownFault[]): Judged {
  const wrong = steps.filter((step) => !isGood(row[step]));
  if (wrong.length === 0) return { row, result: 'green', because: [] };
  const excused = wrong.map((step) => {
    const fault = faults.find((one) => covers(one, row, step));
    return fault && alone && !isGood(alone[step]) ? fault : undefined;
  });
  const because = wrong.map((step, index) => {
    const fault = excused[index];
    if (fault) return `${step}: ${fault.evidence}`;
    return `${step}: ${row[step]} (without Gangway: ${alone?.[step] ?? 'not tried'})`;
  });
  return { row, result: excused.includes(undefined) ? 'red' : 'known', because };
}

/** Faults of the list that none of these rows shows any more, though it was there to show it. */
export function unseenFaults(
  judged: readonly Judged[],
  faults: readonly KnownFault[],
): readonly KnownFault[] {
  return faults.filter((fault) => {
    const rows = judged.filter(({ row }) => covers(fault, row, fault.step));
    return rows.length > 0 && rows.every(({ row }) => isGood(row[fault.step]));
  });
}

/** The first column is as wide as it must be, like every other; two spaces stand between. */
export function table(cells: readonly (readonly string[])[]): string[] {
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The rows as lines of text, with a heading, and under them what went wrong. */
export function tableOf(judged: readonly Judged[]): string[] {
  const heading = ['CLIENT', 'VERSION', 'DOOR', 'WORKSPACE', 'SPOKE', 'ARRIVED', 'LISTS', 'CALLS', 'FOLLOWS'];
  const reasons: string[] = [];
  const cells = judged.map(({ row, result, because }) => {
    const notes = because.map((reason) => `[${reasons.push(reason)}]`);
    return [
      ...[row.client, row.version, row.door, row.workspace, row.spoke, row.arrived],
      ...steps.map((step) => (isGood(row[step]) ? row[step] : 'no')),
      [result, ...notes].join(' '),
      row.seconds.toFixed(1),
    ];
  });
  return [
    ...table([[...heading, 'RESULT', 'SECONDS'], ...cells]),
    ...reasons.map((reason, index) => `[${index + 1}] ${reason}`),
  ];
}

function isGood(cell: string): boolean {
  return cell === 'ok' || cell === '-';
}

function covers(fault: KnownFault, row: Row, step: Step): boolean {
  return (
    fault.client === row.client &&
    fault.step === step &&
    (fault.door ?? row.door) === row.door &&
    (fault.workspace ?? row.workspace) === row.workspace
  );
}
