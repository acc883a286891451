import { afterAll, beforeEach } from 'vitest';
import { beginTest, collectError, endTest } from './collect.ts';
import { removeHomes } from './home.ts';
import { oncePerProcess } from './once-per-process.ts';
import { watchConsole, watchOwnChildren, watchOwnErrors, watchOwnOutput } from './own-process.ts';
import { leakLine } from './scan.ts';

// The test runner may give each file another console.
oncePerProcess(() => watchConsole(console), console);
oncePerProcess(watchOwnOutput);
oncePerProcess(watchOwnChildren);
oncePerProcess(watchOwnErrors);

beforeEach(({ task, onTestFinished }) => {
  beginTest();
  // Registered before anything of the test itself, and such callbacks run last in, first out: this one ends the test.
  onTestFinished(() => {
    for (const error of task.result?.errors ?? []) {
      if (error.name !== 'AssertionError') collectError('error of the test', error);
    }
    removeHomes('test');
    failOnLeaks();
  });
});

afterAll(() => {
  removeHomes('file');
  failOnLeaks();
});

function failOnLeaks(): void {
  const leaks = endTest();
  if (leaks.length > 0)
    throw new Error(`Secrets leaked:\n${leaks.map((leak) => `- ${leakLine(leak)}`).join('\n')}`);
}
