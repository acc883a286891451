import { once } from 'node:events';
import { makeChanceRepeatable } from './chance.ts';
import { standBetween, watchDisk } from './disk.ts';
import { type Doom, perform } from './matrix.ts';
import { operations } from './operations.ts';
import { openStage } from './stage.ts';

/* Does one operation and is killed at a step of it. What it has to do comes from its parent. */

await standBetween();
makeChanceRepeatable();
const [doom] = (await once(process, 'message')) as [Doom];
const operation = operations.find(({ name }) => name === doom.operation);
if (!operation) throw new Error('There is no such operation.');
const stage = operation.run ? await openStage(doom.folder, doom.secrets) : undefined;
watchDisk(doom.folder, doom);
await perform(operation, doom.folder, doom.secrets, stage);
process.exit(0);
