import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { encoders } from './encoders.ts';

/**
 * A program that leaks on purpose, to prove that the scan notices. It reads one secret per encoding from stdin and
 * leaks each in its encoding, the way LEAK names: log, argv, error, ipc or redirect. Without LEAK it leaks nothing.
 */
const secrets: Record<string, string> = JSON.parse(await text(process.stdin));
const leaked = Object.entries(secrets).map(([name, secret]) => encoders[name]?.(secret) ?? '');

switch (process.env.LEAK) {
  case 'log':
    for (const piece of leaked)
      appendFileSync(process.env.LOG_FILE ?? '', `{"event":"sent","body":"${piece}"}\n`);
    break;
  case 'argv':
    execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 400)', ...leaked.map(withoutZeros)]);
    break;
  case 'error':
    throw new Error('the request failed', { cause: new TypeError(`bad header: ${leaked.join(' ')}`) });
  case 'ipc':
    process.send?.({ account: { headers: leaked } });
    break;
  case 'redirect':
    await follow(process.env.FIRST_URL ?? '');
    break;
  default:
    appendFileSync(process.env.LOG_FILE ?? '', `{"event":"sent","secrets":${leaked.length}}\n`);
}
process.disconnect?.();

/** An argument cannot hold a zero byte, so the second bytes of UTF-16 are percent-encoded there. */
function withoutZeros(piece: string): string {
  return piece.replaceAll('\0', '%00');
}

/** Follows redirects with all headers and the body, as careless HTTP clients do. */
async function follow(url: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const sent = request(url, { method: 'POST', headers: { 'x-api-key': 'see body' } }, (answer) => {
    answer.resume();
    answer.on('end', () => resolve(answer.headers.location));
  });
  sent.on('error', reject);
  sent.end(Buffer.from(leaked.join(' '), 'latin1'));
  const next = await promise;
  if (next) await follow(next);
}
