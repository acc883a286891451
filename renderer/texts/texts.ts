import { en } from './en.ts';

/** Every text of the window. A language is one more object of this shape. */
export type Texts = typeof en;

/** The texts in the person's language. */
export const texts: Texts = en;
