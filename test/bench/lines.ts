/** Cuts a stream of bytes into lines, without their ends. Only a line that came in several pieces is copied. */
export function cutLines(onLine: (line: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, at);
      onLine(parts.length === 0 ? piece : Buffer.concat([...parts, piece]));
      parts = [];
      from = at + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  };
}
