import { readCommand, splitWords } from './paste-command.ts';
import { readSnippet } from './paste-snippet.ts';
import { type Pasted, pastedForm, refusePaste } from './pasted-form.ts';
import { readLink } from './read-link.ts';
import { looksLikeSecret, readWebAddress } from './web-address.ts';

const MOST_CHARACTERS = 64 * 1024;
/** Programs that start servers, or that add them to a client program. */
const STARTERS =
  /^(?:[$>]\s+)?(?:\S*[/\\])?(?:npx|npm|bunx|bun|pnpm|yarn|node|deno|uvx|uv|pipx|python3?|php|docker|podman|cmd|claude|codex|gemini|code|code-insiders)(?:\.(?:exe|cmd))?\s+\S/i;
/** A host with a dot in it and a name at its end, an IP address or this computer; then a port, then a path. */
const BARE_HOST =
  /^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|(?:[\p{L}\p{N}_-]{1,63}\.)+(?:\p{L}{2,63}|xn--[a-z0-9-]+)\.?)(?::\d{1,5})?(?:[/?][^\s]*)?$/iu;

/**
 * Reads what a person put into "Paste an address, a config snippet or an invitation": an address or a bare host, an
 * invitation link, a server of a client program's settings file, or a command line that adds or starts a server.
 * Nothing is looked up or run, and the result is as large as a form at most. Never throws.
 */
export function readPaste(pasted: string): Pasted {
  if (pasted.length > MOST_CHARACTERS) {
    return refusePaste('This is longer than 64 KB. Paste only the part about one server.');
  }
  const text = withoutFence(pasted.replaceAll('\r\n', '\n'))
    .replace(/^\ufeff/, '')
    .trim();
  if (text === '') return { kind: 'nothing' };
  if (/^gangway:/i.test(text)) return fromLink(text);
  // Square brackets with a colon early on are an IPv6 address.
  if (/^(?:\{|\[(?![0-9a-f.]*:))/i.test(text) || /^"(?:[^"\\]|\\.)*"\s*:/.test(text))
    return readSnippet(text);
  if (STARTERS.test(text)) return fromCommandLine(text);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return fromAddress(text);
  if (looksLikeSecret(text)) {
    return refusePaste(
      'This looks like a key. Choose the kind of workspace first, then paste the key into its field.',
    );
  }
  return BARE_HOST.test(text) ? fromBareHost(text) : { kind: 'nothing' };
}

function fromLink(text: string): Pasted {
  const read = readLink(text);
  return read.kind === 'add' ? { kind: 'form', form: read.form } : read;
}

function fromAddress(text: string): Pasted {
  // Still being typed.
  if (/^https?:\/\/$/i.test(text)) return { kind: 'nothing' };
  return pastedForm({ url: text });
}

/** The bridge decides between https and http for a bare host, so the text stays as it was typed. */
function fromBareHost(text: string): Pasted {
  const address = readWebAddress(`https://${text}`);
  if (address.kind === 'refused') return refusePaste(address.because);
  return { kind: 'form', form: { url: text, notes: [...address.notes] } };
}

function fromCommandLine(text: string): Pasted {
  const words = splitWords(text);
  if (!words) {
    return refusePaste('Only a shell could say what this command line means. Paste the plain command alone.');
  }
  const read = readCommand(words, new Map());
  if (!read) return refusePaste('This command line adds and starts no server. Paste the whole line.');
  if (read.kind === 'snippet') return readSnippet(read.text.trim(), read.name);
  return pastedForm(read.found);
}

/** What stands between the marks of a code block in Markdown. */
function withoutFence(text: string): string {
  return /^\s*```[^\n]*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text;
}
