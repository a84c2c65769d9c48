/**
 * Runs formulas for the differential test, in node: reads JSON lines `{"tree": …, "records": […]}`
 * and prints for each a JSON list of results. A record holds its fields, its lines as lists, and
 * `$` for what lies outside: `{"user.companies": ["1"], "today": "2026-06-30", "known": {…}}`.
 */

import { compile, show, type Sight, type Tree } from "./formula.ts";

declare const process: {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: { write(text: string): void };
};

type Fields = Record<string, unknown>;

function field(of: unknown, names: readonly string[]): unknown {
  return (of as Fields | null)?.[names.join(".")];
}

function sightOf(record: Fields): Sight {
  const outside = (record.$ ?? {}) as Fields;
  return {
    read(root, names, row) {
      if (root === "rows") return field(row, names);
      return root === "record" ? field(record, names) : field(outside, [root, ...names]);
    },
    rows: (name) => (record[name] ?? []) as unknown[],
    known: (entity, key) => (field(outside.known, [`${entity} ${key}`]) ?? null) as string | null,
  };
}

function answer(line: string): string {
  const { tree, records } = JSON.parse(line) as { tree: Tree; records: Fields[] };
  const run = compile(tree);
  return JSON.stringify(records.map((record) => show(run(sightOf(record), null))));
}

const decoder = new TextDecoder();
let rest = "";
for await (const chunk of process.stdin) {
  const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) process.stdout.write(`${answer(line)}\n`);
}
