/** What goes in or wrong, and what is expected then, by the id that starts the titles of its tests. */
export type Rows = Readonly<Record<string, string>>;

export type Section = { readonly letter: string; readonly title: string; readonly rows: Rows };
