import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a suite told the client it started. */
export interface Drive {
  /** Data folder for the bridge. */
  readonly home: string;
  /** The scenario's server. */
  readonly url: string;
  readonly scenario: string;
  /** What the suite says about the scenario beside its address. */
  readonly context: unknown;
  /** MCP revision of the scenario; empty where the suite names none. */
  readonly version: string;
}

export interface Driven {
  readonly report: unknown;
  /** The client would end with exit code 0. */
  readonly worked: boolean;
}

/** A client under test, with a bridge of its own. It rejects when it breaks down. */
export type Driver = (drive: Drive) => Promise<Driven>;

const STAND_IN = fileURLToPath(new URL('stand-in.mjs', import.meta.url));

/** Runs a driver in this process, as the program that a suite starts. */
export class DriverSeat implements AsyncDisposable {
  /** What became of it; rejects when it broke down. Undefined until the suite has started the program. */
  driven: Promise<Driven> | undefined;
  readonly #server: Server;
  readonly #home: string;
  readonly #driver: Driver;
  readonly #sockets = new Set<Socket>();

  private constructor(home: string, driver: Driver) {
    this.#home = home;
    this.#driver = driver;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      void this.#serve(socket);
    });
  }

  static async open(home: string, driver: Driver): Promise<DriverSeat> {
    const seat = new DriverSeat(home, driver);
    seat.#server.listen(0, '127.0.0.1');
    await once(seat.#server, 'listening');
    return seat;
  }

  /** The command line of the program. */
  get words(): string[] {
    const { port } = this.#server.address() as AddressInfo;
    return [process.execPath, STAND_IN, String(port)];
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    const [line] = (await once(createInterface({ input: socket }), 'line')) as [string];
    const told = JSON.parse(line) as Omit<Drive, 'home'>;
    this.driven = this.#driver({ ...told, home: this.#home });
    const ending = await this.driven.then(
      ({ worked }) => ({ worked }),
      (error: unknown) => ({ worked: false, trouble: String(error) }),
    );
    socket.end(JSON.stringify(ending));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
