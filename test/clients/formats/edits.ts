import { expect } from 'vitest';
import {
  type ConfigFormat,
  type ConfigTable,
  type ServerList,
  ShapeTrouble,
  SyntaxTrouble,
  spliced,
} from '../../../bridge/clients/formats/format.ts';

/** The text with an entry put in. */
export function put(
  format: ConfigFormat,
  text: string,
  list: ServerList,
  name: string,
  entry: ConfigTable,
): string {
  return spliced(text, format.put(text, list, name, entry));
}

/** The text with an entry taken out; it has to be there. */
export function take(format: ConfigFormat, text: string, list: ServerList, name: string): string {
  const splice = format.take(text, list, name);
  if (splice === undefined) throw new Error(`no entry ${name}`);
  return spliced(text, splice);
}

/** What a text is refused for, as `line:column because`. */
export function syntaxTrouble(read: () => unknown): string {
  const error = thrown(read);
  expect(error).toBeInstanceOf(SyntaxTrouble);
  return error instanceof SyntaxTrouble ? `${error.line}:${error.column} ${error.message}` : '';
}

/** What a list is refused for, as `where: because`. */
export function shapeTrouble(edit: () => unknown): string {
  const error = thrown(edit);
  expect(error).toBeInstanceOf(ShapeTrouble);
  return error instanceof ShapeTrouble ? `${error.where}: ${error.message}` : '';
}

export function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
