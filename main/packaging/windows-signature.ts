/** Of the headers of a Windows program: "PE Format", Microsoft. */
const POINTER = 0x3c;
const OPTIONAL_HEADER = 24;
const CHECKSUM = OPTIONAL_HEADER + 64;
const PE32_PLUS = 0x20b;
const DIRECTORIES = OPTIONAL_HEADER + 112;
/** The certificate table is the fifth directory; unlike the others it names a place in the file. */
const CERTIFICATES = DIRECTORIES + 4 * 8;

/**
 * A copy of a 64-bit Windows program without its signature, which a change would turn into a broken one.
 *
 * @throws Error when it is no such program, or the signature is not its end.
 */
export function withoutSignature(program: Buffer): Buffer {
  const start = program.length > POINTER + 4 ? program.readUInt32LE(POINTER) : 0;
  const complete = start > 0 && start + CERTIFICATES + 8 <= program.length;
  const known =
    complete &&
    program.toString('latin1', start, start + 4) === 'PE\0\0' &&
    program.readUInt16LE(start + OPTIONAL_HEADER) === PE32_PLUS;
  if (!known) throw new Error('This is no 64-bit program of Windows.');
  const place = program.readUInt32LE(start + CERTIFICATES);
  const size = program.readUInt32LE(start + CERTIFICATES + 4);
  if (size > 0 && place + size !== program.length) {
    throw new Error('The signature is not at the end of this program.');
  }
  const bare = Buffer.from(size > 0 ? program.subarray(0, place) : program);
  bare.fill(0, start + CERTIFICATES, start + CERTIFICATES + 8);
  bare.fill(0, start + CHECKSUM, start + CHECKSUM + 4);
  return bare;
}
