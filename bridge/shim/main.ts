import { runShim } from './shim.ts';

const USAGE = 'Usage: gangway-shim [--home DIR] [--client LABEL] [ADDRESS]\n';

interface Arguments {
  home?: string;
  client: string;
  address: string;
}

/** Reads argv; undefined when it cannot be understood. */
function readArguments(argv: readonly string[]): Arguments | undefined {
  const result: Arguments = { client: '', address: 'current' };
  let sawAddress = false;
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--home' || word === '--client') {
      index += 1;
      const value = argv[index];
      if (!value) return undefined;
      if (word === '--home') result.home = value;
      else result.client = value;
    } else if (word.startsWith('-') || sawAddress) {
      return undefined;
    } else {
      result.address = word;
      sawAddress = true;
    }
  }
  return result;
}

const options = readArguments(process.argv.slice(2));
if (options) {
  // Without `await`, which CommonJS does not have here: the one file is loaded faster as that.
  void runShim(options);
} else {
  process.stderr.write(USAGE);
  process.exitCode = 2;
}
