/** Formulas at work in the page: values, what is shown, what may be changed. */

import type { FieldModel, FormModel, Value } from "../fields/models.ts";
import { atScale, compile, isNumber, showNumber, type Computed, type Sight, type Tree } from "../formula/formula.ts";
import type { LinesGrid } from "../lines/grid.ts";
import { isBlank, type Row } from "../lines/rows.ts";
import type { Header } from "./header.ts";

export interface State {
  model: FormModel;
  header: Header;
  grids: LinesGrid[];
}

const MOST_PASSES = 8;
const compiled = new WeakMap<object, Computed>();

function functionOf(tree: unknown): Computed {
  const known = compiled.get(tree as object);
  if (known) return known;
  const made = compile(tree as Tree);
  compiled.set(tree as object, made);
  return made;
}

function sightOf(state: State): Sight {
  const { model, header, grids } = state;
  return {
    read(root, names, row) {
      const [name = ""] = names;
      if (root === "line" || root === "rows") return (row as Row | null)?.values[name] ?? null;
      if (root === "record" || root === "header") return header.values[name] ?? null;
      if (root === "user" && !name) return model.scope.user;
      if (root === "company" && !name) return model.scope.company || null;
      return null;
    },
    rows: (name) => grids.find((grid) => grid.name === name)?.rows.filter((row) => !isBlank(row)) ?? [],
    known: () => null,
  };
}

/** Run a tree; what a half-typed text makes impossible gives null. */
function run(tree: unknown, sight: Sight, row: Row | null, scale: number | null): Value {
  let value;
  try {
    value = functionOf(tree)(sight, row);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
  if (isNumber(value)) return showNumber(scale === null ? value : atScale(value, scale));
  return value as Value;
}

function holds(tree: unknown, sight: Sight, row: Row | null): boolean {
  return run(tree, sight, row, null) === true;
}

/** Compute everything that follows from the values as they are. */
export function compute(state: State): void {
  const sight = sightOf(state);
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const changed = computeLines(state, sight) || false;
    if (!computeHeader(state, sight) && !changed) break;
  }
  for (const field of Object.values(state.model.fields)) reflect(state, field, sight);
  for (const part of state.model.parts) {
    if (!part.visible_when) continue;
    const box = document.querySelector<HTMLElement>(`[data-part="${part.id}"]`);
    if (box) box.hidden = !holds(part.visible_when, sight, null);
  }
}

function computeLines(state: State, sight: Sight): boolean {
  let changed = false;
  for (const grid of state.grids) {
    const model = state.model.grids[grid.name];
    if (!model) continue;
    const fields = [...model.columns, ...model.carried];
    for (const row of grid.rows) {
      if (isBlank(row)) continue;
      for (const field of fields) {
        if (field.formula) {
          const value = run(field.formula, sight, row, field.scale);
          changed ||= value !== (row.values[field.name] ?? null);
          row.values[field.name] = value;
        }
        if (!field.edit_when) continue;
        if (holds(field.edit_when, sight, row)) row.locked.delete(field.name);
        else row.locked.add(field.name);
      }
    }
  }
  return changed;
}

function computeHeader(state: State, sight: Sight): boolean {
  let changed = false;
  for (const field of [...Object.values(state.model.fields), ...state.model.carried]) {
    if (!field.formula) continue;
    const value = run(field.formula, sight, null, field.scale);
    if (value === (state.header.values[field.name] ?? null)) continue;
    state.header.put(field.name, value);
    changed = true;
  }
  return changed;
}

/** What the server says of a field now, as far as it is not the usual. */
export interface Flags {
  edit?: boolean;
  visible?: boolean;
  required?: boolean;
}

/** Show, open and mark as required what the server's conditions say; of fields that have any. */
export function applyFlags(state: State, flags: Record<string, Flags>): void {
  for (const field of Object.values(state.model.fields)) {
    const [box, input, flag] = [state.header.box(field.name), state.header.input(field.name), flags[field.name]];
    if (!box || !input) continue;
    if (!field.visible_when) box.hidden = flag?.visible === false;
    if (!field.required_when) markRequired(box, (field.required || flag?.required === true) && !field.readonly);
    if (!field.edit_when && !field.readonly) open(input, flag?.edit !== false);
  }
  for (const grid of state.grids) {
    const rows = grid.rows.filter((row) => !isBlank(row));
    rows.forEach((row, index) => {
      for (const field of state.model.grids[grid.name]?.columns ?? []) {
        if (field.edit_when) continue;
        if (flags[`${grid.name}.${index}.${field.name}`]?.edit === false) row.locked.add(field.name);
        else row.locked.delete(field.name);
      }
    });
  }
}

function open(input: HTMLElement, may: boolean): void {
  if (input instanceof HTMLSelectElement || (input as HTMLInputElement).type === "checkbox") {
    (input as HTMLInputElement).disabled = !may;
  } else (input as HTMLInputElement).readOnly = !may;
}

/** Show or hide a field, mark it as required, open or close it. */
function reflect(state: State, field: FieldModel, sight: Sight): void {
  const box = state.header.box(field.name);
  if (!box) return;
  if (field.visible_when) box.hidden = !holds(field.visible_when, sight, null);
  const input = state.header.input(field.name);
  if (field.required_when && input) {
    const required = holds(field.required_when, sight, null);
    input.setAttribute("aria-required", String(required));
    markRequired(box, required && !field.readonly);
  }
  if (field.edit_when && input && !field.readonly) {
    open(input, holds(field.edit_when, sight, null));
  }
}

function markRequired(box: HTMLElement, required: boolean): void {
  const label = box.querySelector(".label");
  const star = label?.querySelector("em");
  if (required && label && !star) {
    const made = document.createElement("em");
    made.setAttribute("aria-hidden", "true");
    made.textContent = "*";
    label.append(made);
  } else if (!required) star?.remove();
}
