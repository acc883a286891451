import type { Conversation } from './conversation.ts';

/** One kind of work, and how it is counted. */
export interface Load {
  readonly name: string;
  readonly unit: 'ms' | 'calls/s';
  /** How many calls, and how many of them at once. */
  readonly calls: number;
  readonly inFlight: number;
  call(conversation: Conversation): Promise<void>;
}

const echo = (bytes: number) => {
  const text = 'x'.repeat(bytes);
  return (conversation: Conversation): Promise<void> => conversation.echo(text);
};

export const loads: readonly Load[] = [
  { name: 'echo 100 B, 1 in flight', unit: 'ms', calls: 600, inFlight: 1, call: echo(100) },
  { name: 'echo 100 B, 64 in flight', unit: 'calls/s', calls: 6000, inFlight: 64, call: echo(100) },
  { name: 'echo 10 KB, 16 in flight', unit: 'calls/s', calls: 1500, inFlight: 16, call: echo(10_000) },
  { name: 'echo 1 MB, 1 in flight', unit: 'ms', calls: 30, inFlight: 1, call: echo(1_000_000) },
  {
    name: 'tools/list, 80 tools',
    unit: 'ms',
    calls: 300,
    inFlight: 1,
    call: (conversation) => conversation.list(),
  },
];

/** The median time of a call, or calls per second. A tenth of the calls runs first, to warm everything up. */
export async function measure(load: Load, conversation: Conversation, isQuick: boolean): Promise<number> {
  const calls = isQuick ? Math.ceil(load.calls / 3) : load.calls;
  const times: number[] = [];
  const run = async (count: number): Promise<void> => {
    let left = count;
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const since = performance.now();
        await load.call(conversation);
        times.push(performance.now() - since);
      }
    };
    await Promise.all(Array.from({ length: load.inFlight }, lane));
  };
  await run(Math.max(Math.ceil(calls / 10), load.inFlight));
  times.length = 0;
  const since = performance.now();
  await run(calls);
  const seconds = (performance.now() - since) / 1000;
  if (load.unit === 'calls/s') return times.length / seconds;
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
}
