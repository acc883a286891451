/** The shim as one file that any Node from version 20 runs, for bundles. */
import './older-node.ts';
import './main.ts';
