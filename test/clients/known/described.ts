import type { System } from '#bridge/clients/known/client.ts';

/** A computer that exists only in a test, and what it was asked. */
export interface DescribedSystem extends System {
  readonly asked: { readonly exists: string[]; readonly names: string[] };
}

export interface Description {
  readonly home?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Files that are there; the folders they are in are there, too. */
  readonly files?: readonly string[];
}

const USUAL: Readonly<Record<System['platform'], Required<Omit<Description, 'files'>>>> = {
  darwin: { home: '/Users/ada', environment: {} },
  linux: { home: '/home/ada', environment: {} },
  win32: {
    home: 'C:\\Users\\ada',
    environment: {
      APPDATA: 'C:\\Users\\ada\\AppData\\Roaming',
      LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local',
    },
  },
};

/** A computer of that platform, with nothing on it unless it is named. */
export function described(platform: System['platform'], its: Description = {}): DescribedSystem {
  const separator = platform === 'win32' ? '\\' : '/';
  const files = its.files ?? [];
  const asked: DescribedSystem['asked'] = { exists: [], names: [] };
  return {
    platform,
    home: its.home ?? USUAL[platform].home,
    environment: its.environment ?? USUAL[platform].environment,
    exists: (path) => {
      asked.exists.push(path);
      return files.some((file) => file === path || file.startsWith(path + separator));
    },
    names: (folder) => {
      asked.names.push(folder);
      const inside = files.filter((file) => file.startsWith(folder + separator));
      return [...new Set(inside.map((file) => file.slice(folder.length + 1).split(separator)[0] ?? ''))];
    },
    asked,
  };
}
