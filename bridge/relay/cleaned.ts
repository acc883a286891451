import { isRecord } from '../base/record.ts';
import { troubleOf, type Workspace } from '../upstream/workspace.ts';

/**
 * The message without the account's own secrets, should the workspace echo them; every other byte stays.
 * @throws BridgeError `bad-answer` when a secret stood where it cannot be taken out of the JSON text, as a number does.
 */
export function cleaned<M extends { readonly text: string; readonly bytes: Uint8Array }>(
  message: M,
  workspace: Workspace,
): M {
  const text = workspace.withoutSecrets(message.text);
  if (text === message.text) return message;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const because = 'The workspace put a saved secret into its answer, so the answer was not passed on.';
    throw troubleOf(workspace.account, 'bad-answer', because, { mayHaveRun: true }, error);
  }
  return { ...message, ...parsedParts(message, parsed), text, bytes: Buffer.from(text) };
}

/** What was parsed of the message already, from the text as it is now. */
function parsedParts(message: object, parsed: unknown): object {
  const names = ['params', 'result', 'error'].filter((name) => name in message);
  return isRecord(parsed) ? Object.fromEntries(names.map((name) => [name, parsed[name]])) : {};
}
