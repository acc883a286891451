import type { Door } from './set-up.ts';

/** What a row is to reach: a multiple of the reference in the same round, or a number of its own. */
export interface Aim {
  readonly is: 'at most' | 'at least';
  readonly value: number;
  readonly of: 'reference' | 'itself';
}

const atMost = (value: number): Aim => ({ is: 'at most', value, of: 'reference' });
const atLeast = (value: number): Aim => ({ is: 'at least', value, of: 'reference' });
const itselfAtMost = (value: number): Aim => ({ is: 'at most', value, of: 'itself' });

/** The aims, by the names of the rows. A row without an aim is measured to be known. */
export const aims: Readonly<Record<Door, Readonly<Record<string, Aim>>>> = {
  stdio: {
    'spawn → first answer, TS shim from source': atMost(1.3),
    'spawn → first answer, TS shim as one file': atMost(1.3),
    'spawn → first answer, native shim': atMost(0.4),
    'upstream 40 ms away: spawn → first call, TS shim as one file': atMost(1.2),
    'upstream 40 ms away: spawn → first call, native shim': atMost(1.2),
    'echo 100 B, 1 in flight': atMost(1.3),
    'echo 100 B, 64 in flight': atLeast(0.7),
    'echo 10 KB, 16 in flight': atLeast(0.8),
    'echo 1 MB, 1 in flight': atMost(1.5),
    'echo 10 MB, 1 in flight': atMost(1.5),
    'tools/list, 80 tools': atMost(1.3),
    'SSE upstream, echo 10 KB, 16 in flight': atLeast(0.7),
    'bridge CPU per small call, 1 in flight': atMost(1.5),
    'bridge CPU per small call, 64 in flight': atMost(1.5),
    'memory per added client, TS shim as one file': itselfAtMost(10),
    'memory per added client, native shim': itselfAtMost(2),
    '50 clients at once': atLeast(0.7),
  },
  http: {
    'echo 100 B, 1 in flight': atMost(1.4),
    'echo 100 B, 64 in flight': atLeast(0.7),
    'echo 1 MB, 16 in flight': atLeast(0.8),
    'blob 10 MB, 1 in flight': atMost(1.5),
    'memory per added session': itselfAtMost(0.6),
  },
};
