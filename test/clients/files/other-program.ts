import { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/*
 * A program that keeps changing its own number in its settings file, and counts how often the number was not there any
 * more at the next look. Arguments: how it saves, the file. It ends when its stdin does, and prints its counts as JSON.
 * - `rename`: into a file beside it, which is synced, then renamed over it.
 * - `lock`: the same while it holds a lock, as Claude Code does.
 * - `in-place`: over the content of the file.
 */

const [way, path = ''] = process.argv.slice(2);
let turn = 0;
let lost = 0;
let going = true;
process.stdin.on('end', () => {
  going = false;
});
process.stdin.resume();
process.stdout.write('ready\n');

function save(): void {
  const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  if (content.turn !== turn) lost += 1;
  turn += 1;
  const text = `${JSON.stringify({ ...content, turn }, null, 2)}\n`;
  if (way === 'in-place') {
    writeFileSync(path, text);
    return;
  }
  const beside = `${path}.tmp.${process.pid}.${turn}`;
  writeFileSync(beside, text, { flush: true });
  renameSync(beside, path);
}

while (going) {
  if (way === 'lock') mkdirSync(`${path}.lock`);
  try {
    save();
  } finally {
    if (way === 'lock') rmdirSync(`${path}.lock`);
  }
  await delay(Math.random() * 15);
}
process.stdout.write(`${JSON.stringify({ turn, lost })}\n`);
