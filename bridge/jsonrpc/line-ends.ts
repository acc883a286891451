const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;

/**
 * A JSON message without line ends, for transports where a line end is the end of the message. In JSON text they can
 * only stand between tokens, so each becomes a blank and everything else keeps its bytes.
 */
export function withoutLineEnds(message: Uint8Array): Uint8Array {
  if (message.indexOf(NEWLINE) === -1 && message.indexOf(RETURN) === -1) return message;
  const line = Uint8Array.from(message);
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === NEWLINE || line[at] === RETURN) line[at] = SPACE;
  }
  return line;
}
