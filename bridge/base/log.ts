import { pino } from 'pino';
import { LogFile, stderrLines } from './log-file.ts';

/** Ids, names and numbers; free text from outside is never logged raw. */
export type LogFacts = Record<string, string | number | boolean | null | undefined>;

/** Structured log: an event name and facts. One JSON line each. */
export interface Log {
  debug(event: string, facts?: LogFacts): void;
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  /** `error` is reduced to its name, code and place; messages may quote foreign text. */
  error(event: string, error: unknown, facts?: LogFacts): void;
}

export interface LogOptions {
  /** Where lines go; stderr when absent. */
  file?: string;
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Second net: takes known secrets out of every line. */
  redact: (text: string) => string;
}

/**
 * A log that writes JSON lines without secrets to a file or to stderr, never to stdout. None of its calls throws.
 * Disposing it closes the file; what is logged afterwards is dropped.
 */
export function openLog(options: LogOptions): Log & Disposable {
  const destination = options.file === undefined ? stderrLines : new LogFile({ path: options.file });
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: ['authorization', 'cookie', 'key', 'token', 'secret', 'headers'], censor: '[secret]' },
      hooks: { streamWrite: (line) => options.redact(line) },
    },
    destination,
  );
  return {
    debug: (event, facts) => logger.debug(facts ?? {}, event),
    info: (event, facts) => logger.info(facts ?? {}, event),
    warn: (event, facts) => logger.warn(facts ?? {}, event),
    error: (event, error, facts) => logger.error({ ...facts, ...describe(error) }, event),
    [Symbol.dispose]: () => {
      if (logger.level === 'silent') return;
      logger.level = 'silent';
      destination[Symbol.dispose]();
    },
  };
}

function describe(error: unknown): LogFacts {
  if (!(error instanceof Error)) return { fault: typeof error };
  const code = (error as NodeJS.ErrnoException).code;
  const place = error.stack?.split('\n').find((line) => line.includes('/bridge/'));
  return { fault: error.name, code, place: place?.trim().slice(0, 200) };
}

/** For parts that run without a log, such as tests of one file. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
