import { readdirSync, readFileSync } from 'node:fs';

/** One look at the owner. */
export interface Sample {
  /** Which owner, counted from 0: every kill begins another life. */
  readonly life: number;
  /** Since this life began. */
  readonly seconds: number;
  readonly residentMB: number;
  /** Open files and sockets. */
  readonly files: number;
}

const PAGE_MB = 4096 / 1024 / 1024;
/** A figure is the median of so many seconds. */
const SPAN_SECONDS = 10;
/** Connections come and go, so of open files the most within so many seconds counts. */
const FILE_SPAN_SECONDS = 30;
/** From here on an owner is warm. */
export const WARM_SECONDS = 60;

/** Resident memory of a process, in MB; undefined when it is gone, or unknown on this system. */
export function residentMB(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_MB;
  } catch {
    return undefined;
  }
}

/** How many files and sockets a process has open. */
export function openFiles(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/** The last and longest life of an owner: its memory and files until it was warm, and at the end. */
export interface Flatness {
  readonly lifeSeconds: number;
  /** Too short a life proves nothing: at least as long again as it takes to be warm. */
  readonly isJudged: boolean;
  readonly warmMB: number;
  readonly endMB: number;
  /** End by warm. */
  readonly ratio: number;
  readonly mostMB: number;
  readonly warmFiles: number;
  readonly endFiles: number;
  /** The same moment of the first life and of the last. */
  readonly sameMoment:
    | { readonly seconds: number; readonly firstMB: number; readonly lastMB: number }
    | undefined;
}

/** Judges what was sampled once a second. */
export function flatnessOf(samples: readonly Sample[]): Flatness {
  const last = Math.max(0, ...samples.map(({ life }) => life));
  const long = samples.filter(({ life }) => life === last);
  const lifeSeconds = long.at(-1)?.seconds ?? 0;
  const isJudged = lifeSeconds >= 2 * WARM_SECONDS;
  const warmAt = isJudged ? WARM_SECONDS : lifeSeconds / 2;
  const warm = around(long, warmAt);
  const end = long.filter(({ seconds }) => seconds > lifeSeconds - SPAN_SECONDS);
  const first = samples.filter(({ life }) => life === 0);
  const moment = Math.min(first.at(-1)?.seconds ?? 0, lifeSeconds) - SPAN_SECONDS / 2;
  const warmMB = median(warm.map((one) => one.residentMB));
  const endMB = median(end.map((one) => one.residentMB));
  return {
    lifeSeconds,
    isJudged,
    warmMB,
    endMB,
    ratio: endMB / warmMB,
    mostMB: Math.max(...long.map((one) => one.residentMB)),
    warmFiles: mostFiles(long.filter(({ seconds }) => seconds <= warmAt)),
    endFiles: mostFiles(long.filter(({ seconds }) => seconds > lifeSeconds - FILE_SPAN_SECONDS)),
    sameMoment:
      last === 0 || moment <= 0
        ? undefined
        : {
            seconds: moment,
            firstMB: median(around(first, moment).map((one) => one.residentMB)),
            lastMB: median(around(long, moment).map((one) => one.residentMB)),
          },
  };
}

function around(samples: readonly Sample[], at: number): readonly Sample[] {
  return samples.filter(({ seconds }) => Math.abs(seconds - at) <= SPAN_SECONDS / 2);
}

function mostFiles(samples: readonly Sample[]): number {
  return Math.max(0, ...samples.map(({ files }) => files));
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
