import type { MessageEvent } from 'electron';
import { askKeychain } from '#bridge/vault/keychain-question.ts';

/*
 * The program of the utility process that talks to the OS keychain: one question through the parent's port, one answer,
 * then it is killed. Nothing else may live in this process.
 */
process.parentPort.once('message', ({ data }: MessageEvent) => void reply(data));

async function reply(question: Parameters<typeof askKeychain>[0]): Promise<void> {
  process.parentPort.postMessage(await askKeychain(question));
}
