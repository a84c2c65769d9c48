/** What is sent: the values a person has filled in, in the shape the server's JSON has. */

import type { FieldModel, Value } from "../fields/models.ts";
import type { LinesGrid } from "../lines/grid.ts";
import { isBlank, type Row } from "../lines/rows.ts";
import type { State } from "./compute.ts";

type Record_ = Record<string, Value>;

function isEmpty(value: Value | undefined): boolean {
  return value === null || value === undefined || value === "";
}

/** Values of fields a person may fill in: all typed ones, and shown ones that are not empty. */
function filled(fields: FieldModel[], values: Record_, touched: Set<string>, stored: boolean): Record_ {
  const body: Record_ = {};
  for (const field of fields) {
    if (field.readonly) continue;
    if (touched.has(field.name)) body[field.name] = values[field.name] ?? null;
    else if (!stored && !isEmpty(values[field.name])) body[field.name] = values[field.name]!;
  }
  return body;
}

/** Only what a person typed; the rest is for the server to propose. */
function typed(fields: FieldModel[], values: Record_, touched: Set<string>): Record_ {
  const body: Record_ = {};
  for (const field of fields) {
    if (!field.readonly && touched.has(field.name)) body[field.name] = values[field.name] ?? null;
  }
  return body;
}

function lineFields(grid: LinesGrid, state: State): FieldModel[] {
  return state.model.grids[grid.name]?.columns ?? [];
}

function lines(grid: LinesGrid, state: State, make: (row: Row, fields: FieldModel[]) => Record_): Value[] {
  const fields = lineFields(grid, state);
  return grid.rows
    .filter((row) => !isBlank(row))
    .map((row) => ({ ...(row.id ? { id: row.id } : {}), ...make(row, fields) }));
}

/** The body of a save. Lines are sent whole; unchanged stored lines only by their id. */
export function changeBody(state: State): Record_ {
  const { model, header, grids } = state;
  const stored = model.id !== "";
  const body = filled(Object.values(model.fields), header.values, header.touched, stored);
  for (const grid of grids) {
    if (model.grids[grid.name]?.readonly) continue;
    body[grid.name] = lines(grid, state, (row, fields) =>
      filled(fields, row.values, row.touched, row.id !== ""),
    );
  }
  return body;
}

/** The body of a question what follows from what was typed. */
export function proposalBody(state: State): Record_ {
  const { model, header, grids } = state;
  const body = typed(Object.values(model.fields), header.values, clean(header.touched, header.problems));
  for (const grid of grids) {
    if (model.grids[grid.name]?.readonly) continue;
    body[grid.name] = lines(grid, state, (row, fields) =>
      typed(fields, row.values, clean(row.touched, row.problems)),
    );
  }
  return body;
}

function clean(touched: Set<string>, problems: Map<string, string>): Set<string> {
  return new Set([...touched].filter((name) => !problems.has(name)));
}

/** The values a look-up's condition may read: the line's before the header's. */
export function valuesFor(state: State, row: Row | null): Record_ {
  const plain = (values: Record_): Record_ =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value) && typeof value !== "object"));
  const header = plain(state.header.values);
  return row ? { ...header, ...plain(row.values) } : header;
}
