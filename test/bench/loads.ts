import type { Conversation } from './conversation.ts';
import { BLOB_TOOL, blobText, type Question, question, TOOL_COUNT } from './door.ts';
import type { Door, Place } from './set-up.ts';

/** One kind of work. */
export interface Load {
  readonly name: string;
  readonly unit: 'ms' | 'calls/s';
  readonly question: Question;
  /** How many calls each client has open at once. */
  readonly inFlight: number;
  readonly place?: Place;
  /** How many clients at once; one, if not said. */
  readonly clients?: number;
  /** What the processor time of a call of this load is called, where that is told too. */
  readonly cpu?: string;
}

function echo(bytes: number): Question {
  const text = 'x'.repeat(bytes);
  return question(
    'tools/call',
    { name: 'tool-1', arguments: { text } },
    ({ content }) => content?.[0]?.text === text,
  );
}

export const smallCall: Question = echo(100);
const list = question('tools/list', {}, ({ tools }) => tools?.length === TOOL_COUNT);
const blob = blobText();
const fetchBlob = question(
  'tools/call',
  { name: BLOB_TOOL, arguments: {} },
  ({ content }) => content?.[0]?.resource?.blob === blob,
);

const small: readonly Load[] = [
  {
    name: 'echo 100 B, 1 in flight',
    unit: 'ms',
    question: smallCall,
    inFlight: 1,
    cpu: 'bridge CPU per small call, 1 in flight',
  },
  {
    name: 'echo 100 B, 64 in flight',
    unit: 'calls/s',
    question: smallCall,
    inFlight: 64,
    cpu: 'bridge CPU per small call, 64 in flight',
  },
  { name: 'echo 10 KB, 16 in flight', unit: 'calls/s', question: echo(10_000), inFlight: 16 },
  { name: 'echo 1 MB, 1 in flight', unit: 'ms', question: echo(1_000_000), inFlight: 1 },
];
const lists: Load = { name: `tools/list, ${TOOL_COUNT} tools`, unit: 'ms', question: list, inFlight: 1 };

/** What is done at each door. */
export const loads: Readonly<Record<Door, readonly Load[]>> = {
  stdio: [
    ...small,
    { name: 'echo 10 MB, 1 in flight', unit: 'ms', question: echo(10_000_000), inFlight: 1 },
    lists,
    {
      name: 'SSE upstream, echo 10 KB, 16 in flight',
      unit: 'calls/s',
      question: echo(10_000),
      inFlight: 16,
      place: 'events',
    },
    { name: '50 clients at once', unit: 'calls/s', question: smallCall, inFlight: 1, clients: 50 },
  ],
  http: [
    ...small,
    { name: 'echo 1 MB, 16 in flight', unit: 'calls/s', question: echo(1_000_000), inFlight: 16 },
    { name: 'blob 10 MB, 1 in flight', unit: 'ms', question: fetchBlob, inFlight: 1 },
    lists,
  ],
};

/** What was done in a stretch of time. */
export interface Driven {
  readonly seconds: number;
  /** Milliseconds that each call took. */
  readonly times: readonly number[];
}

/** Has every client call for so long, and at least once with each call that it may have open. */
export async function drive(
  clients: readonly Conversation[],
  { question: asked, inFlight }: Pick<Load, 'question' | 'inFlight'>,
  ms: number,
): Promise<Driven> {
  const times: number[] = [];
  const since = performance.now();
  const lane = async (client: Conversation): Promise<void> => {
    let before = performance.now();
    do {
      await client.ask(asked);
      const after = performance.now();
      times.push(after - before);
      before = after;
    } while (before - since < ms);
  };
  await Promise.all(clients.flatMap((client) => Array.from({ length: inFlight }, () => lane(client))));
  return { seconds: (performance.now() - since) / 1000, times };
}
