import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { BridgeError } from '#contract/errors.ts';
import { repeatChance } from './chance.ts';
import { type Fault, faultsOf, type OnStep, type Step, watchDisk } from './disk.ts';
import { type Operation, operations, prepare } from './operations.ts';
import { look, openStage, PARTS, type Part, type Secrets, type Sight, type Stage } from './stage.ts';

/** What a process that is to be killed is told. */
export interface Doom {
  readonly folder: string;
  readonly operation: string;
  readonly secrets: Secrets;
  readonly at: number;
  readonly fault: Fault;
}

/** How one case went. `wrong` is empty for a case that is as it has to be. */
export interface Outcome {
  readonly operation: string;
  readonly step: string;
  readonly fault: Fault;
  /** What the next start found. */
  readonly found: 'old' | 'new' | 'between' | 'broken';
  /** What the caller was told; undefined when it was told that all is well, or nothing. */
  readonly said: string | undefined;
  readonly wrong: readonly string[];
}

interface Known {
  readonly operation: Operation;
  readonly base: string;
  readonly old: Sight;
  readonly new: Sight;
  readonly steps: readonly Step[];
}

const victimProgram = fileURLToPath(new URL('./victim.ts', import.meta.url));

/** What the caller was told last. */
const answers = new WeakMap<Stage, string>();

/** Does the operation, in this process, with the fault that is armed. */
export async function perform(
  operation: Operation,
  folder: string,
  secrets: Secrets,
  stage?: Stage,
): Promise<Stage> {
  repeatChance(operation.name);
  if (!operation.run) return openStage(folder, secrets);
  const given = stage ?? (await openStage(folder, secrets));
  answers.set(given, JSON.stringify(await operation.run(given, secrets)) ?? '');
  return given;
}

export interface Matrix {
  /** An empty folder of its own. */
  readonly folder: string;
  readonly secrets: Secrets;
  readonly only?: (operation: Operation) => boolean;
  /**
   * `frozen`: a killed process leaves what is on the disk at that moment, so a copy of it stands in for the kill. `real`:
   * a process of its own is killed there.
   */
  readonly kills: 'frozen' | 'real';
  readonly faults?: (step: Step, at: number, fault: Fault) => boolean;
}

/** Every step of every operation with every fault it can have. */
export async function* runMatrix({ folder, secrets, kills, ...matrix }: Matrix): AsyncGenerator<Outcome> {
  const { only = () => true, faults = () => true } = matrix;
  await using victims = new Victims();
  for (const [index, operation] of operations.filter(only).entries()) {
    const place = join(folder, String(index));
    const known = await learn(operation, place, secrets, kills);
    const cases = known.steps.flatMap((step, at) => faultsOf(step).map((fault) => ({ step, at, fault })));
    for (const { step, at, fault } of cases.filter((one) => faults(one.step, one.at, one.fault))) {
      const isKill = fault === 'kill' || fault === 'torn';
      const isFrozen = isKill && kills === 'frozen';
      const home = join(place, `${at}-${fault}`);
      if (isFrozen) settle(home, join(place, 'after'));
      else transplant(known.base, home);
      const run = isFrozen ? frozen : isKill ? killed : endured;
      const { sight, said, wrong } = await run({ known, home, secrets, at, fault, victims });
      const found = sight ? verdict(known, sight) : 'broken';
      if (found === 'broken' && sight) wrong.push(`neither old nor new: ${differing(known, sight)}`);
      yield { operation: operation.name, step: step.name, fault, found, said, wrong };
      rmSync(home, { recursive: true, force: true });
    }
    rmSync(place, { recursive: true, force: true });
  }
}

async function learn(
  operation: Operation,
  place: string,
  secrets: Secrets,
  kills: Matrix['kills'],
): Promise<Known> {
  const base = join(place, 'base');
  mkdirSync(base, { recursive: true });
  repeatChance('earlier');
  await prepare(operation, base, secrets);
  const [before, after] = [join(place, 'before'), join(place, 'after')];
  for (const copy of [before, after]) transplant(base, copy);
  const old = await look(before, secrets);
  const stage = operation.run ? await openStage(after, secrets) : undefined;
  // What is on the disk at each step is kept.
  const keep: OnStep = (at, fault) => cpSync(after, join(place, `${at}-${fault}`), { recursive: true });
  const disk = watchDisk(after, undefined, kills === 'frozen' ? keep : undefined);
  const done = await perform(operation, after, secrets, stage);
  disk[Symbol.dispose]();
  await done[Symbol.asyncDispose]();
  const known = { old: moved(old, before), new: moved(await look(after, secrets), after) };
  if (operation.run && isDeepStrictEqual(known.old, known.new))
    throw new Error(`"${operation.name}" changes nothing, so nothing can be seen by it.`);
  return { operation, base, ...known, steps: disk.steps };
}

function transplant(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
  settle(to, from);
}

/** Records of ours name files by their whole path. */
function settle(folder: string, cameFrom: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/connections\.json$|backups\/.*\.json$/.test(name)) continue;
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    if (text.includes(cameFrom)) writeFileSync(path, text.replaceAll(cameFrom, folder));
  }
}

/** Sights of two folders can be compared. */
function moved(sight: Sight, folder: string): Sight {
  return JSON.parse(JSON.stringify(sight).replaceAll(folder, '')) as Sight;
}

interface Case {
  readonly known: Known;
  readonly home: string;
  readonly secrets: Secrets;
  readonly at: number;
  readonly fault: Fault;
  readonly victims: Victims;
}

interface Found {
  readonly sight: Sight | undefined;
  readonly said: string | undefined;
  readonly wrong: string[];
}

async function frozen({ known, home, secrets }: Case): Promise<Found> {
  const wrong: string[] = [];
  return { sight: await startAgain(known, home, secrets, wrong), said: undefined, wrong };
}

async function killed({ known, home, secrets, at, fault, victims }: Case): Promise<Found> {
  const wrong: string[] = [];
  const { operation } = known;
  const signal = await victims.kill({ folder: home, operation: operation.name, secrets, at, fault });
  if (signal !== 'SIGKILL') wrong.push(`the process was not killed but ended: ${signal}`);
  const sight = await startAgain(known, home, secrets, wrong);
  return { sight, said: undefined, wrong };
}

async function endured({ known, home, secrets, at, fault }: Case): Promise<Found> {
  const wrong: string[] = [];
  const { operation } = known;
  const stage = operation.run ? await openStage(home, secrets) : undefined;
  const disk = watchDisk(home, { at, fault });
  const doing = perform(operation, home, secrets, stage);
  doing.catch(() => undefined);
  const ended = await Promise.race([
    doing.then(
      (opened) => ({ kind: 'done' as const, opened }),
      (error: unknown) => ({ kind: 'failed' as const, error }),
    ),
    disk.hung.then(() => ({ kind: 'hung' as const })),
  ]);
  disk[Symbol.dispose]();
  if (ended.kind === 'hung') {
    // Whoever waits for it is ended with its process. Here that process goes on, so the next start gets a copy.
    const next = `${home}-next`;
    transplant(home, next);
    const sight = await startAgain(known, next, secrets, wrong);
    rmSync(next, { recursive: true, force: true });
    return { sight, said: undefined, wrong };
  }
  const said = ended.kind === 'failed' ? words(ended.error, wrong) : undefined;
  const mine = stage ?? (ended.kind === 'done' ? ended.opened : undefined);
  const held = mine?.memory();
  const sight = await looked(home, secrets, wrong);
  if (sight) {
    const found = verdict(known, sight);
    const isTold = mine !== undefined && answers.get(mine)?.includes('could not be made invalid');
    if (ended.kind === 'done' && found !== 'new' && !(found === 'between' && isTold))
      wrong.push(`it says that it is done, and the disk is ${found}`);
    if (ended.kind === 'failed' && found === 'new' && !isDeepStrictEqual(known.old, known.new)) {
      wrong.push('it says that it failed, and the disk has the new state');
    }
    const apart =
      held &&
      (['settings', 'accounts', 'desktop'] as const).filter(
        (part) => !isDeepStrictEqual(JSON.parse(held[part]), JSON.parse(sight[part])),
      );
    if (apart?.length) wrong.push(`memory and disk differ: ${apart.join(', ')}`);
    if (ended.kind === 'failed') await tryAgain({ known, home, secrets, wrong, stage, found });
  }
  await mine?.[Symbol.asyncDispose]();
  return { sight, said, wrong };
}

/** What a person reads of it. */
function words(error: unknown, wrong: string[]): string {
  if (!(error instanceof BridgeError)) {
    wrong.push(`not an error of ours: ${String(error)}`);
    return String(error);
  }
  if (error.message.length > 300) wrong.push('its text is too long');
  if (!['storage', 'conflict', 'invalid-input'].includes(error.code)) wrong.push(`its code is ${error.code}`);
  return error.message;
}

async function looked(home: string, secrets: Secrets, wrong: string[]): Promise<Sight | undefined> {
  try {
    return moved(await look(home, secrets), home);
  } catch (error) {
    wrong.push(`the next start fails: ${String(error)}`);
    return undefined;
  }
}

async function startAgain(
  known: Known,
  home: string,
  secrets: Secrets,
  wrong: string[],
): Promise<Sight | undefined> {
  const sight = await looked(home, secrets, wrong);
  if (sight) await tryAgain({ known, home, secrets, wrong, stage: undefined, found: verdict(known, sight) });
  return sight;
}

interface Trying {
  readonly known: Known;
  readonly home: string;
  readonly secrets: Secrets;
  readonly wrong: string[];
  readonly stage: Stage | undefined;
  readonly found: Outcome['found'];
}

/** The disk is well again: the same once more works, and has the same end. */
async function tryAgain({ known, home, secrets, wrong, stage, found }: Trying): Promise<void> {
  if (found === 'new') return;
  try {
    const { operation } = known;
    const keeps = stage !== undefined && operation.again !== undefined;
    const done = keeps ? stage : await perform(operation, home, secrets, stage);
    if (keeps) await operation.again?.(stage);
    if (!stage) await done[Symbol.asyncDispose]();
    if (found !== 'old') return;
    const sight = moved(await look(home, secrets), home);
    const apart = COMPARED.filter((part) => likened(sight[part]) !== likened(known.new[part]));
    if (apart.length > 0) wrong.push(`tried again, it ends otherwise: ${apart.join(', ')}`);
  } catch (error) {
    // What was to go is gone from where the person sees it.
    if (found === 'between' && error instanceof BridgeError && error.code === 'conflict') return;
    wrong.push(`tried again, it fails: ${String(error)}`);
  }
}

/** Chance may have gone another way. */
function likened(text: string): string {
  const seen = new Map<string, number>();
  return text.replaceAll(/[0-9a-f]{8,}/g, (hex) => {
    if (!seen.has(hex)) seen.set(hex, seen.size);
    return `<${seen.get(hex)}>`;
  });
}

/** A copy of an app's file more than needed does no harm; none at all where one has to be does. */
const COMPARED: readonly Part[] = PARTS.filter((part) => part !== 'copies');

function verdict({ operation, old, new: after }: Known, sight: Sight): Outcome['found'] {
  const isOld = (part: Part): boolean => sight[part] === old[part];
  const isNew = (part: Part): boolean => sight[part] === after[part];
  if (!isNew('app') || old.app === after.app || after.copies === '[]' || sight.copies !== '[]') {
    if (COMPARED.every(isNew)) return 'new';
    if (COMPARED.every(isOld)) return 'old';
    const isWhole = (part: Part): boolean => isOld(part) || isNew(part) || part === operation.twice;
    const ordered: readonly Part[] = operation.order?.[0] ?? [];
    const changing = COMPARED.filter((part) => old[part] !== after[part] && part !== operation.twice);
    if (COMPARED.every(isWhole) && changing.every((part) => ordered.includes(part))) {
      const states = ordered.filter((part) => changing.includes(part)).map(isNew);
      if (states.every((state, index) => !state || states.slice(0, index).every(Boolean))) {
        return operation.order ? 'between' : 'broken';
      }
    }
  }
  return 'broken';
}

function differing({ old, new: after }: Known, sight: Sight): string {
  return PARTS.filter((part) => old[part] !== after[part] || sight[part] !== old[part])
    .map(
      (part) => `${part} ${sight[part] === old[part] ? 'old' : sight[part] === after[part] ? 'new' : 'odd'}`,
    )
    .join(', ');
}

/** Processes that wait to be killed; the next one starts up while this one works. */
class Victims implements AsyncDisposable {
  readonly #waiting: ChildProcess[] = [];

  async kill(doom: Doom): Promise<string> {
    const child = this.#waiting.shift() ?? this.#start();
    while (this.#waiting.length < 2) this.#waiting.push(this.#start());
    const ended = once(child, 'exit');
    child.send(doom);
    const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    return signal ?? `code ${code}`;
  }

  #start(): ChildProcess {
    return fork(victimProgram, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#waiting) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }
}
