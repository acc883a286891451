import type { KeychainQuestion } from './keychain-process.ts';
import { askKeychain } from './keychain-question.ts';

/*
 * The program of the small process that talks to the OS keychain: one question by IPC, one answer, then it is killed.
 * Nothing else may live in this process. Electron runs `main/keychain-child.ts` instead.
 */

// Without a parent nobody reads the answer; only a signal ends a process that waits for a prompt.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.once('message', (question: KeychainQuestion) => void reply(question));

async function reply(question: KeychainQuestion): Promise<void> {
  process.send?.(await askKeychain(question));
}
