/**
 * Runs formulas for the differential test, in node: reads JSON lines `{"tree": …, "records": […]}`
 * and prints for each a JSON list of results. A record holds its fields, its lines as lists, and
 * `$` for what lies outside: `{"user.companies": ["1"], "today": "2026-06-30", "known": {…}}`.
 */

import { createInterface } from "node:readline";

import { compile, show, type Sight, type Tree } from "./formula.ts";

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

for await (const line of createInterface({ input: process.stdin })) {
  if (!line) continue;
  const { tree, records } = JSON.parse(line) as { tree: Tree; records: Fields[] };
  const run = compile(tree);
  process.stdout.write(`${JSON.stringify(records.map((record) => show(run(sightOf(record), null))))}\n`);
}
