import type { ClientDoor, ClientId, ClientView } from '../../contract/clients.ts';
import type { ConfigTable, ServerList } from '../formats/format.ts';

/** The computer, as far as places of files depend on it. Tests describe others than the one they run on. */
export interface System {
  readonly platform: 'darwin' | 'linux' | 'win32';
  /** The person's home folder. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True for a file or folder that is there; opens nothing. */
  exists(path: string): boolean;
  /** Names in a folder; none when it is not there. Opens no file. */
  names(folder: string): readonly string[];
}

/** How a client starts the bridge; no secret is in it. */
export interface StdioWay {
  readonly command: string;
  readonly args: readonly string[];
}

/** How a client asks the bridge: `bearer` is its local token, or what stands for it in a preview. */
export interface HttpWay {
  readonly url: string;
  readonly bearer: string;
}

interface Described {
  readonly id: ClientId;
  readonly name: string;
  /**
   * Files or folders of which one shows that it is installed or was used. Absolute paths for that system.
   */
  signs(system: System): readonly string[];
  readonly takesEffect: ClientView['takesEffect'];
  /** What the person does so that it reads a changed entry, as a sentence. */
  readonly effect: string;
  /** What is worth knowing; of a client by hand, where its entry is made. */
  readonly note?: string;
}

/** A client whose settings file Gangway edits. */
export interface FileClient extends Described {
  readonly way: 'file';
  /**
   * Its settings files, the one it reads first. With several, those that exist come before those that do not.
   */
  places(system: System): readonly string[];
  /** Decided by the file's name where a client takes several formats. */
  format(path: string): 'json' | 'jsonc' | 'toml' | 'yaml';
  readonly list: ServerList;
  /** What a new file begins with, where the client refuses one that holds servers only. */
  readonly starter?: string;
  /** Doors it can use, the better one first. */
  readonly doors: readonly ClientDoor[];
  /** The entry as this client wants it. */
  stdio?(way: StdioWay, name: string): ConfigTable;
  http?(way: HttpWay, name: string): ConfigTable;
  /** Opens `.mcpb` bundles on this platform. */
  bundle?(platform: System['platform']): boolean;
}

/** A client in which the person makes the entry. */
export interface HandClient extends Described {
  readonly way: 'by-hand';
  readonly doors: readonly ClientDoor[];
  readonly note: string;
}

export type KnownClient = FileClient | HandClient;
