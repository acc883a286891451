import type { ChangePreview } from '../contract/clients.ts';
import type { Terminal } from './terminal.ts';

/** A change of a client's file before it is made, as lines for a terminal: what, where, and the text itself. */
export function changeLines(change: ChangePreview, terminal: Pick<Terminal, 'style'>): string[] {
  const { path, exists, line, said, added, removed, others, effect } = change;
  const marked = (text: string, mark: '+' | '-', color: 'green' | 'red'): string[] =>
    linesOf(text).map((one) => terminal.style(color, `  ${mark} ${one}`));
  return [
    `${path}${exists ? `, line ${line}` : ', a new file'}`,
    ...said.map((fact) => `  ${fact}`),
    ...marked(removed, '-', 'red'),
    ...marked(added, '+', 'green'),
    ...(others.length === 0 ? [] : [`  Stays as it is: ${others.join(', ')}`]),
    ...(effect === '' ? [] : [`  Then: ${effect}`]),
  ];
}

/** What was done to a file, by the change as it was before: where, and in plain words what. */
export function doneLines({ path, exists, said, added, removed }: ChangePreview): string[] {
  const isSame = added === '' && removed === '';
  const start = isSame ? `${path} stays as it is:` : exists ? `Changed ${path}:` : `Made ${path}:`;
  return [start, ...said.map((fact) => `  ${fact}`)];
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  while (lines[0]?.trim() === '') lines.shift();
  return lines;
}
