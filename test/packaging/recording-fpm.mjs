#!/usr/bin/env node
// Stands in for fpm, which makes packages for Linux and cannot be had offline: writes down what it is asked for.
import { readFileSync, writeFileSync } from 'node:fs';

const words = process.argv.slice(2);
const entry = words.find((word) => word.includes('.desktop=')) ?? '';
const [desktop = ''] = entry.split('=');
writeFileSync(process.env.RECORDED_FPM, JSON.stringify({ words, desktop: readFileSync(desktop, 'utf8') }));
writeFileSync(words[words.indexOf('--package') + 1], 'package');
