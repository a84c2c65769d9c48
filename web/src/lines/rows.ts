/** The lines of one grid as the page holds them, with every step back. */

import type { FieldModel, RowModel, Title, Value } from "../fields/models.ts";
import { NUMBER } from "../fields/text.ts";

let lastKey = 0;

/** One line. `touched` are the fields a person has filled in; `waiting` the look-ups not answered. */
export interface Row {
  key: number;
  id: string;
  values: Record<string, Value>;
  titles: Record<string, Title>;
  touched: Set<string>;
  problems: Map<string, string>;
  /** What the server would refuse, as long as the cell stays so. */
  told: Map<string, string>;
  waiting: Set<string>;
  locked: Set<string>;
}

/** Make a line from the page model, or an empty one. */
export function makeRow(model?: RowModel): Row {
  return {
    key: ++lastKey,
    id: model?.id ?? "",
    values: { ...model?.values },
    titles: { ...model?.titles },
    touched: new Set(),
    problems: new Map(),
    told: new Map(),
    waiting: new Set(),
    locked: new Set(),
  };
}

/** What is wrong with a cell, if anything. */
export function problemOf(row: Row | undefined, field: string): string | undefined {
  return row?.problems.get(field) ?? row?.told.get(field);
}

/** Tell whether nobody has put anything into a line. */
export function isBlank(row: Row): boolean {
  return !row.id && row.touched.size === 0 && row.waiting.size === 0;
}

type Snapshot = Pick<Row, "key" | "id" | "values" | "titles" | "touched" | "problems">;

function copy(row: Snapshot): Snapshot {
  return {
    key: row.key,
    id: row.id,
    values: { ...row.values },
    titles: { ...row.titles },
    touched: new Set(row.touched),
    problems: new Map(row.problems),
  };
}

const DEPTH = 100;

/** What the lines were, step by step; undo and redo walk along it. */
export class History {
  private past: Snapshot[][] = [];
  private future: Snapshot[][] = [];

  /** Remember the lines as they are, before they change. */
  keep(rows: Row[]): void {
    this.past.push(rows.map(copy));
    if (this.past.length > DEPTH) this.past.shift();
    this.future = [];
  }

  /** Return the lines one step back, or null. */
  undo(rows: Row[]): Row[] | null {
    return this.step(rows, this.past, this.future);
  }

  /** Return the lines one step on again, or null. */
  redo(rows: Row[]): Row[] | null {
    return this.step(rows, this.future, this.past);
  }

  private step(rows: Row[], from: Snapshot[][], to: Snapshot[][]): Row[] | null {
    const target = from.pop();
    if (!target) return null;
    to.push(rows.map(copy));
    return target.map((kept) => ({
      ...copy(kept),
      told: new Map<string, string>(),
      waiting: new Set<string>(),
      locked: new Set<string>(),
    }));
  }
}

/** Add plain decimals exactly; the sum has as many decimals as the most precise of them. */
export function addUp(values: (Value | undefined)[]): string {
  let scale = 0;
  let sum = 0n;
  for (const value of values) {
    if (!NUMBER.test(String(value ?? ""))) continue;
    const [whole = "0", decimals = ""] = String(value).split(".");
    if (decimals.length > scale) {
      sum *= 10n ** BigInt(decimals.length - scale);
      scale = decimals.length;
    }
    sum += BigInt(whole + decimals.padEnd(scale, "0"));
  }
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${sum < 0n ? "-" : ""}${digits.slice(0, point)}${scale ? `.${digits.slice(point)}` : ""}`;
}

/** The value of a total cell. */
export function total(rows: Row[], field: FieldModel): string {
  return addUp(rows.map((row) => row.values[field.name]));
}
