import { stdout } from 'node:process';

const plain = !stdout.isTTY || process.env.NO_COLOR !== undefined;
const paint =
  (code: number) =>
  (text: string): string =>
    plain ? text : `\u001b[${code}m${text}\u001b[0m`;

export const bold: (text: string) => string = paint(1);
export const dim: (text: string) => string = paint(2);
export const green: (text: string) => string = paint(32);
export const amber: (text: string) => string = paint(33);

const started = performance.now();
let chapter = 0;

/** Prints one line of the story. */
export function say(text = ''): void {
  stdout.write(`${text}\n`);
}

/** Begins a part of the story, with the time since the start. */
export function heading(title: string, of: number): void {
  chapter += 1;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say();
  say(`${bold(`${chapter}/${of}  ${title}`)}  ${dim(`${seconds} s`)}`);
}

/** Something that worked. */
export function done(text: string): void {
  say(`  ${green('✓')} ${text}`);
}

/** What somebody else said, indented. */
export function quote(text: string): void {
  for (const line of text.split('\n')) say(`      ${dim(line)}`);
}

/** The story must be true: whatever it claims is checked, and the demo fails when it does not hold. */
export function check(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(`The demo expected this and did not see it: ${claim}`);
}
