/** What marks the fuses in Electron's binary; its version, their number and their states follow (@electron/fuses). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const VERSION = 1;

/** The switches of Electron 45 in their order on the wire, and how ours must be; null leaves it to Electron. */
const switches: readonly (readonly [name: string, wanted: boolean | null])[] = [
  ['RunAsNode', false],
  ['EnableCookieEncryption', true],
  ['EnableNodeOptionsEnvironmentVariable', false],
  ['EnableNodeCliInspectArguments', false],
  ['EnableEmbeddedAsarIntegrityValidation', true],
  ['OnlyLoadAppFromAsar', true],
  ['LoadBrowserProcessSpecificV8Snapshot', false],
  ['GrantFileProtocolExtraPrivileges', false],
  ['WasmTrapHandlers', null],
];

const states = new Map<number | undefined, string>([
  [0x30, 'off'],
  [0x31, 'on'],
  [0x72, 'removed'],
]);

/** What is wrong with the fuses of a binary; one for two kinds of processor has them twice. */
export function fuseTroubles(binary: Buffer): string[] {
  const wires = fuseWires(binary);
  if (wires.length === 0) return ['there are no fuses in the binary'];
  return [...new Set(wires.flatMap(wireTroubles))];
}

/** The bytes behind every sentinel: version, number, states. */
function fuseWires(binary: Buffer): Buffer[] {
  const wires: Buffer[] = [];
  for (let at = binary.indexOf(SENTINEL); at >= 0; at = binary.indexOf(SENTINEL, at + 1)) {
    const start = at + SENTINEL.length;
    wires.push(binary.subarray(start, start + 2 + (binary[start + 1] ?? 0)));
  }
  return wires;
}

function wireTroubles(wire: Buffer): string[] {
  const [version, length = 0, ...values] = wire;
  if (version !== VERSION) return [`the fuses are of version ${version}, not ${VERSION}`];
  if (values.length < length) return ['the fuses are cut off'];
  // Whoever updates Electron decides about a new one here.
  if (length > switches.length)
    return [`Electron has ${length} fuses, and ${switches.length} are known here`];
  return switches.flatMap(([name, wanted], index) => {
    const state = states.get(values[index]) ?? 'unreadable';
    const right = wanted === null || state === (wanted ? 'on' : 'off');
    return right ? [] : [`${name} is ${state}, not ${wanted ? 'on' : 'off'}`];
  });
}
