/** dynalite 4 brings no types; these are the parts in use. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** A LevelDB folder; in memory when absent. */
    readonly path?: string;
    /** How long tables stay CREATING, DELETING and UPDATING, milliseconds. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }
  /** Closing the server closes the database too. */
  export default function dynalite(options?: DynaliteOptions): Server;
}
