import { utilityProcess } from 'electron';
import {
  childEnvironment,
  type KeychainAnswer,
  type StartKeychainProcess,
} from '#bridge/vault/keychain-process.ts';

/**
 * Runs questions to the keychain in a utility process, because an installed Electron is no Node (`runAsNode` is off).
 * The question and the key travel by a message port; neither arguments nor environment hold a secret.
 * @param program the built `keychain-child.ts`.
 */
export function keychainIn(program: string): StartKeychainProcess {
  return (question, environment) => {
    const child = utilityProcess.fork(program, [], {
      env: childEnvironment(environment, process.platform, process.getuid?.()),
      stdio: 'ignore',
      serviceName: 'Gangway keychain',
    });
    let isOver = false;
    // A prompt keeps even a polite end waiting. Before the process is there it has no id.
    const end = (): void => {
      isOver = true;
      if (child.pid === undefined) child.kill();
      else killNow(child.pid);
    };
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Its end follows; without a listener the event itself would be a fault of the app.
    child.on('error', () => undefined);
    const answer = new Promise<KeychainAnswer>((resolve) => {
      child.once('spawn', () => isOver && end());
      child.once('message', (message: KeychainAnswer) => {
        resolve(message);
        end();
      });
      child.once('exit', () => resolve({ kind: 'trouble', because: 'unrecognised' }));
      child.postMessage(question);
    });
    return {
      get pid() {
        return child.pid;
      },
      answer,
      kill: async () => {
        end();
        await ended;
      },
    };
  };
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
