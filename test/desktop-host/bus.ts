import { type DBusError, Message, type MessageBus, sessionBus, type Variant } from 'dbus-next';

/** One object on the bus: its properties as they are when somebody asks, and its methods, by interface. */
export type ServedInterfaces = Readonly<Record<string, ServedInterface>>;

export interface ServedInterface {
  readonly properties?: () => Readonly<Record<string, Variant>>;
  readonly methods?: Readonly<Record<string, ServedMethod>>;
}

/** @returns the signature of the answer, and the answer. */
export type ServedMethod = (body: readonly unknown[]) => readonly [signature: string, ...body: unknown[]];

/** Where a call goes. */
export interface Callee {
  readonly name: string;
  readonly path: string;
  readonly interface: string;
}

/** A connection to the session bus of D-Bus. */
export interface Bus extends Disposable {
  /** @throws Error as the other side answers it. */
  call(callee: Callee, member: string, signature?: string, ...body: unknown[]): Promise<readonly unknown[]>;
  own(name: string): Promise<void>;
  /** Whether somebody has this name now. */
  has(name: string): Promise<boolean>;
  /** Puts an object on the bus until it is disposed. */
  serve(path: string, interfaces: ServedInterfaces): Disposable;
  announce(path: string, from: string, member: string, signature?: string, ...body: unknown[]): void;
  /** Hears the signals of an interface. */
  hear(from: string, listener: (member: string, body: readonly unknown[]) => void): Promise<void>;
}

const BUS: Callee = {
  name: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
const PROPERTIES = 'org.freedesktop.DBus.Properties';

/** Connects to the bus. @throws Error when there is none at this address. */
export async function connectBus(address: string): Promise<Bus> {
  const connection = sessionBus({ busAddress: address });
  await new Promise<void>((resolve, reject) => {
    connection.on('connect', resolve);
    connection.on('error', reject);
  });
  return busOver(connection);
}

function busOver(connection: MessageBus): Bus {
  const objects = new Map<string, ServedInterfaces>();
  connection.addMethodHandler((asked: Message) => {
    const interfaces = objects.get(asked.path);
    const answer = interfaces && answerTo(asked, interfaces);
    if (answer) connection.send(answer);
    // Otherwise the library answers: that there is no such method, or what there is.
    return answer !== undefined;
  });

  const call: Bus['call'] = async (callee, member, signature = '', ...body) => {
    const { name: destination, path, interface: of } = callee;
    const message = new Message({ destination, path, interface: of, member, signature, body });
    const reply = await connection.call(message).catch((error: DBusError) => {
      throw new Error(`${of}.${member}: ${error.type}: ${error.text}`);
    });
    return reply?.body ?? [];
  };

  return {
    call,
    own: async (name) => {
      await connection.requestName(name, 0);
    },
    has: async (name) => (await call(BUS, 'NameHasOwner', 's', name))[0] === true,
    serve: (path, interfaces) => {
      objects.set(path, interfaces);
      return { [Symbol.dispose]: () => void objects.delete(path) };
    },
    announce: (path, from, member, signature = '', ...body) => {
      connection.send(Message.newSignal(path, from, member, signature, body));
    },
    hear: async (from, listener) => {
      connection.on('message', (message) => {
        // Answers name no interface. Some servers send their signals to one listener only.
        if (message.interface === from) listener(message.member, message.body);
      });
      await call(BUS, 'AddMatch', 's', `type='signal',interface='${from}'`);
    },
    [Symbol.dispose]: () => connection.disconnect(),
  };
}

function answerTo(asked: Message, interfaces: ServedInterfaces): Message | undefined {
  const { interface: of, member, body } = asked;
  const own = interfaces[of]?.methods?.[member];
  if (own) return reply(asked, own(body));
  if (of !== PROPERTIES) return undefined;
  const [name, property] = body;
  const values = interfaces[String(name)]?.properties?.() ?? {};
  if (member === 'GetAll') return reply(asked, ['a{sv}', values]);
  const value = member === 'Get' ? values[String(property)] : undefined;
  return value && reply(asked, ['v', value]);
}

function reply(asked: Message, [signature, ...body]: readonly [string, ...unknown[]]): Message {
  return Message.newMethodReturn(asked, signature, body);
}
