import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Point } from './screen-picture.ts';

const run = promisify(execFile);

/** Somebody with a mouse and a keyboard. */
export interface Person {
  click(at: Point, button?: 'left' | 'right'): Promise<void>;
  /** Takes the pointer out of the way; it would be in the pictures. */
  rest(): Promise<void>;
  /** Presses keys one after the other, by their X names. */
  press(...keys: readonly string[]): Promise<void>;
}

/** Works on the screen of `DISPLAY` through the X server, as devices do. */
export function personAt(environment: NodeJS.ProcessEnv): Person {
  const xdotool = async (...words: string[]): Promise<string> =>
    (await run('xdotool', words, { env: environment, timeout: 10_000 })).stdout;
  return {
    click: async ({ x, y }, button = 'left') => {
      await xdotool('mousemove', String(x), String(y));
      await xdotool('click', button === 'left' ? '1' : '3');
    },
    rest: async () => {
      await xdotool('mousemove', '0', '9999');
    },
    press: async (...keys) => {
      await xdotool('key', '--delay', '60', ...keys);
    },
  };
}
