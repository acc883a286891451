import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { relative } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * What may happen at a step of the file system. `torn`: killed when half of the bytes were written. `short`: the disk
 * takes half of the bytes and says nothing. `throw`: an error that no disk knows. `hang`: no answer, ever.
 */
export const FAULTS = ['kill', 'torn', 'throw', 'hang', 'enospc', 'short', 'eio'] as const;
export type Fault = (typeof FAULTS)[number];

/** One call of the product to the file system, below the folder that is watched. */
export interface Step {
  readonly call: string;
  /** As a reader of a report wants it: `rename settings.json`. Names that are random are shown by their kind. */
  readonly name: string;
  /** It changes something on the disk, or makes it last. Killed before a step that only reads, nothing else is left. */
  readonly changes: boolean;
  /** It blocks the whole process, so it cannot hang for itself. */
  readonly sync: boolean;
  /** It carries bytes. */
  readonly carries: boolean;
}

interface Plan {
  readonly root: string;
  readonly at: number | undefined;
  readonly fault: Fault | undefined;
  readonly onHang: () => void;
  readonly onStep: OnStep | undefined;
  readonly steps: Step[];
}

/** Told at each step that changes something: before it (`kill`), and when half of its bytes are written (`torn`). */
export type OnStep = (at: number, fault: 'kill' | 'torn') => void;

let plan: Plan | undefined;
const paths = new WeakMap<object, string>();
const descriptors = new Map<number, string>();

/** What comes of the watched folder, with the fault at that step (from 0) should it come to it. */
export function watchDisk(
  root: string,
  fault?: { readonly at: number; readonly fault: Fault },
  onStep?: OnStep,
): { readonly steps: readonly Step[]; readonly hung: Promise<void> } & Disposable {
  const { promise: hung, resolve: onHang } = Promise.withResolvers<void>();
  const mine: Plan = { root, at: fault?.at, fault: fault?.fault, onHang, onStep, steps: [] };
  plan = mine;
  return {
    steps: mine.steps,
    hung,
    [Symbol.dispose]: () => {
      if (plan === mine) plan = undefined;
    },
  };
}

/** Which faults a step can have. */
export function faultsOf(step: Step): Fault[] {
  return FAULTS.filter((fault) => {
    if (fault === 'eio') return true;
    if (fault === 'torn' || fault === 'short') return step.carries;
    if (fault === 'hang') return step.changes && !step.sync;
    return step.changes;
  });
}

/** Nothing of this process happens any more. */
export function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

type Call = (this: object, ...args: unknown[]) => unknown;

interface Wrapping {
  readonly changes?: (args: readonly unknown[]) => boolean;
  readonly sync?: boolean;
  readonly carries?: boolean;
  readonly path: (self: object, args: readonly unknown[]) => string | undefined;
  /** Does half of it. */
  readonly half?: (original: Call, self: object, args: unknown[]) => unknown;
  /** The other half; all of it once more when absent. */
  readonly rest?: (original: Call, self: object, args: unknown[]) => unknown;
  readonly after?: (result: unknown, path: string) => void;
  readonly fail?: (fault: Fault) => Error;
}

function wrap(target: object, call: string, wrapping: Wrapping): void {
  const found: unknown = Reflect.get(target, call);
  if (typeof found !== 'function') throw new TypeError(`There is no ${call}.`);
  const original: Call = function (this: object, ...args) {
    return Reflect.apply(found, this, args);
  };
  Reflect.set(target, call, function (this: object, ...args: unknown[]) {
    const path = wrapping.path(this, args);
    const now = plan;
    const go = (): unknown => {
      const result = Reflect.apply(original, this, args);
      if (path !== undefined && wrapping.after) {
        if (result instanceof Promise)
          void result.then((value) => wrapping.after?.(value, path)).catch(() => undefined);
        else wrapping.after(result, path);
      }
      return result;
    };
    if (!now || path === undefined || !path.startsWith(now.root)) return go();
    const { changes = () => true, sync = false, carries = false } = wrapping;
    const index = now.steps.length;
    now.steps.push({
      call,
      name: `${call} ${shown(now.root, path)}`,
      changes: changes(args),
      sync,
      carries,
    });
    if (now.onStep && changes(args))
      return tell(now.onStep, index, { wrapping, original, self: this, args, go });
    if (index !== now.at || now.fault === undefined) return go();
    return suffer(now.fault, { wrapping, original, self: this, args, onHang: now.onHang });
  });
}

interface Telling extends Pick<Suffering, 'wrapping' | 'original' | 'self' | 'args'> {
  readonly go: () => unknown;
}

/** Does the whole of it, in two halves when it carries bytes. */
function tell(onStep: OnStep, at: number, { wrapping, original, self, args, go }: Telling): unknown {
  onStep(at, 'kill');
  const { half, carries, rest } = wrapping;
  if (!half || !carries) return go();
  return Promise.resolve(half(original, self, [...args])).then(() => {
    onStep(at, 'torn');
    return rest ? rest(original, self, args) : go();
  });
}

interface Suffering {
  readonly wrapping: Wrapping;
  readonly original: Call;
  readonly self: object;
  readonly args: unknown[];
  readonly onHang: () => void;
}

function suffer(fault: Fault, { wrapping, original, self, args, onHang }: Suffering): unknown {
  const { half, sync, fail = failure } = wrapping;
  if (fault === 'kill') die();
  if (fault === 'hang') {
    onHang();
    return new Promise(() => undefined);
  }
  // A disk that is full takes what it can.
  const partly = half && fault !== 'throw' ? half(original, self, args) : undefined;
  if (fault === 'torn') return partly instanceof Promise ? partly.then(die) : die();
  if (fault === 'short') return partly;
  const error = fail(fault);
  if (sync) throw error;
  return Promise.resolve(partly).then(() => Promise.reject(error));
}

function failure(fault: Fault): Error {
  if (fault === 'throw') return new TypeError('a fault of the test');
  const code = fault === 'enospc' ? 'ENOSPC' : 'EIO';
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

/** As `node:sqlite` says it. */
function sqliteFailure(fault: Fault): Error {
  if (fault === 'throw') return new TypeError('a fault of the test');
  const errcode = fault === 'enospc' ? 13 : 10;
  return Object.assign(new Error('made by the test'), { code: 'ERR_SQLITE_ERROR', errcode });
}

function shown(root: string, path: string): string {
  return (relative(root, path) || '.')
    .replace(/\.[^/]*\.tmp$/, (name) => `${name.split('.').slice(1, 3).join('.')}~`)
    .replaceAll(/\d{8}T\d{9}Z-[0-9a-f]{8}/g, '<copy>')
    .replaceAll(/corrupt-[^/]*/g, 'corrupt')
    .replaceAll(/acc_[0-9a-z]+/g, '<account>')
    .replaceAll(/\.\d+\.new$/g, '.new');
}

function bytesOf(given: unknown): Buffer {
  return Buffer.from(given instanceof Uint8Array ? given : String(given));
}

const first = (_: object, [path]: readonly unknown[]): string => String(path);
const second = (_: object, [, path]: readonly unknown[]): string => String(path);
const opened = (self: object): string | undefined => paths.get(self);
const described = (_: object, [fd]: readonly unknown[]): string | undefined => descriptors.get(Number(fd));
const reads = (): boolean => false;
/** Opened to write, or a folder to be synced: all other reading is by `lstat` and `readFile`. */
const writes = ([, flags]: readonly unknown[]): boolean =>
  typeof flags === 'string'
    ? flags !== 'r'
    : (Number(flags ?? 0) & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;

/** Puts itself between this process and its file system and databases, once. */
export async function standBetween(): Promise<void> {
  const { promises } = fs;
  const probe = await promises.open(process.execPath, 'r');
  const handle: unknown = Object.getPrototypeOf(probe);
  await probe.close();
  if (typeof handle !== 'object' || handle === null) throw new TypeError('There are no file handles.');
  wrap(promises, 'open', {
    path: first,
    changes: writes,
    after: (result, path) => {
      if (typeof result !== 'object' || result === null) return;
      paths.set(result, path);
      // Every handle has one of its own. A disk may tell only then that it did not take the bytes; it is closed then.
      const closes = (original: Call, self: object): unknown => Reflect.apply(original, self, []);
      wrap(result, 'close', { path: opened, changes: reads, half: closes });
    },
  });
  for (const call of ['unlink', 'mkdir', 'rm', 'utimes', 'chmod']) wrap(promises, call, { path: first });
  for (const call of ['rename', 'link']) wrap(promises, call, { path: second });
  wrap(promises, 'copyFile', {
    path: second,
    carries: true,
    half: async (_, __, [from, to]) => {
      const bytes = fs.readFileSync(String(from));
      fs.writeFileSync(String(to), bytes.subarray(0, bytes.length / 2));
    },
  });
  for (const call of ['lstat', 'stat', 'readdir', 'readFile', 'access', 'realpath'])
    wrap(promises, call, { path: first, changes: reads });
  wrap(handle, 'writeFile', {
    path: opened,
    carries: true,
    half: (original, self, [bytes]) => {
      const whole = bytesOf(bytes);
      return Reflect.apply(original, self, [whole.subarray(0, whole.length / 2)]);
    },
    rest: (original, self, [bytes]) => {
      const whole = bytesOf(bytes);
      return Reflect.apply(original, self, [whole.subarray(whole.length / 2)]);
    },
  });
  // No power is cut here: what a process that is killed left is there, whether it reached the disk or not.
  Reflect.set(handle, 'sync', async () => undefined);
  for (const call of ['sync', 'chmod', 'chown']) wrap(handle, call, { path: opened });
  for (const call of ['stat', 'read', 'readFile']) wrap(handle, call, { path: opened, changes: reads });
  wrap(fs, 'openSync', {
    path: first,
    sync: true,
    changes: writes,
    after: (fd, path) => descriptors.set(Number(fd), path),
  });
  for (const call of ['renameSync', 'linkSync']) wrap(fs, call, { path: second, sync: true });
  for (const call of ['rmSync', 'unlinkSync', 'mkdirSync']) wrap(fs, call, { path: first, sync: true });
  wrap(fs, 'fchmodSync', { path: described, sync: true });
  syncBuiltinESMExports();
  const database = (self: object): string | undefined =>
    self instanceof DatabaseSync && self.isOpen ? (self.location() ?? undefined) : undefined;
  const statements = new WeakMap<object, string>();
  wrap(DatabaseSync.prototype, 'exec', { path: database, sync: true, fail: sqliteFailure });
  wrap(DatabaseSync.prototype, 'prepare', {
    path: database,
    sync: true,
    changes: reads,
    fail: sqliteFailure,
    after: (statement, path) =>
      typeof statement === 'object' && statement !== null && statements.set(statement, path),
  });
  wrap(StatementSync.prototype, 'run', {
    path: (self) => statements.get(self),
    sync: true,
    fail: sqliteFailure,
  });
}
