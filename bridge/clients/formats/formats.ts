import type { ConfigFormat } from './format.ts';
import { json } from './json.ts';
import { toml } from './toml.ts';
import { yaml } from './yaml.ts';

/** How settings files of a kind are read and changed. */
export function formatOf(kind: 'json' | 'jsonc' | 'toml' | 'yaml'): ConfigFormat {
  return { json, jsonc: json, toml, yaml }[kind];
}
