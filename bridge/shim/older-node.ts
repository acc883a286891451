/*
 * What Node 20 does not have yet. Apps that install bundles bring a Node of their own, of whatever version; everything
 * else that Gangway starts runs on the Node it came with, and does without this.
 */
const promises: { withResolvers?: PromiseConstructor['withResolvers'] } = Promise;
promises.withResolvers ??= <T>(): PromiseWithResolvers<T> => {
  let settle: Omit<PromiseWithResolvers<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (settle === undefined) throw new TypeError('a promise without its ends');
  return { promise, ...settle };
};
