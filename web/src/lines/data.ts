/** The lines behind a grid: every way they change, each with a step back. */

import { say } from "../core/words.ts";
import { findCandidates, type Candidate } from "../fields/hits.ts";
import type { FieldModel, GridModel, Title, Value } from "../fields/models.ts";
import { readTyped, valueText } from "../fields/text.ts";
import { readTable } from "./clipboard.ts";
import { History, makeRow, type Row } from "./rows.ts";

/** What the lines ask of the document they stand in. */
export interface Host {
  today: string;
  /** The address that finds candidates for a link cell of `row`. */
  lookup(grid: GridModel, field: FieldModel, row: Row): string;
  /** Lines of the grid changed: compute, ask for proposals, mark as dirty. */
  changed(grid: GridModel): void;
  /** Find the records that many typed codes mean, in one request. */
  resolve(grid: GridModel, field: FieldModel, texts: string[]): Promise<(Candidate | null)[]>;
}

export class LineData {
  rows: Row[];
  private readonly history = new History();

  constructor(
    readonly model: GridModel,
    readonly host: Host,
    private readonly drawn: () => void,
  ) {
    this.rows = model.rows.map(makeRow);
    if (!this.rows.length && !model.readonly) this.rows = [makeRow()];
  }

  editable(row: Row, field: FieldModel): boolean {
    return !this.model.readonly && !field.readonly && !row.locked.has(field.name);
  }

  text(row: Row, field: FieldModel): string {
    return valueText(field, row.values[field.name], row.titles[field.name]);
  }

  lookup(row: Row, field: FieldModel): string {
    return this.host.lookup(this.model, field, row);
  }

  /** Put a value into a cell. */
  set(row: Row, field: FieldModel, value: Value, title: Title = ""): void {
    this.change(() => this.assign(row, field, value, title));
  }

  /** Put what was typed into a cell; what cannot be read stays, marked. */
  type(row: Row, field: FieldModel, typed: string): void {
    if (typed === this.text(row, field) && !row.problems.has(field.name)) return;
    this.change(() => this.read(row, field, typed));
  }

  /** Put a record into a link cell: the one chosen, else the one the typed text means. */
  link(row: Row, field: FieldModel, typed: string, chosen?: Candidate): void {
    const text = typed.trim();
    if (text === this.text(row, field).trim() && !row.problems.has(field.name)) return;
    if (!text) return this.set(row, field, null);
    if (chosen) return this.set(row, field, chosen.id, chosen.title);
    // The answer may come when the keyboard is long elsewhere: it belongs to this row.
    this.history.keep(this.rows);
    this.wait(row, field, text);
    void this.settle(row, field, text);
  }

  /** Add an empty line; returns whether there was room. */
  insert(at: number): boolean {
    const full = this.model.max > 0 && this.rows.length >= this.model.max;
    if (this.model.readonly || full) return false;
    this.change(() => this.rows.splice(at, 0, makeRow()));
    return true;
  }

  /** Take a line away; an empty one stays where it was the last. */
  remove(at: number): void {
    if (this.model.readonly || !this.rows[at]) return;
    this.change(() => {
      this.rows.splice(at, 1);
      if (!this.rows.length) this.rows.push(makeRow());
    });
  }

  /** Copy the cell above. */
  fillDown(at: number, field: FieldModel): void {
    const [above, row] = [this.rows[at - 1], this.rows[at]];
    if (!above || !row || !this.editable(row, field)) return;
    this.set(row, field, above.values[field.name] ?? null, above.titles[field.name]);
  }

  /** Go a step back, or on again; returns whether there was one. */
  travel(back: boolean): boolean {
    const rows = back ? this.history.undo(this.rows) : this.history.redo(this.rows);
    if (!rows) return false;
    this.rows = rows;
    this.host.changed(this.model);
    return true;
  }

  /** Put a copied table into the cells from a corner on, with new lines where there are none. */
  async paste(text: string, row: number, column: number): Promise<number> {
    const table = readTable(text);
    const links = new Map<FieldModel, { row: Row; text: string }[]>();
    this.history.keep(this.rows);
    table.forEach((cells, down) => {
      while (this.rows.length <= row + down) this.rows.push(makeRow());
      const line = this.rows[row + down]!;
      cells.forEach((cell, right) => {
        const field = this.model.columns[column + right];
        if (!field || !this.editable(line, field)) return;
        if (field.widget !== "link" || !cell) return this.read(line, field, cell);
        this.wait(line, field, cell);
        links.set(field, [...(links.get(field) ?? []), { row: line, text: cell }]);
      });
    });
    this.drawn();
    for (const [field, cells] of links) await this.resolve(field, cells);
    this.host.changed(this.model);
    this.drawn();
    return table.length;
  }

  private change(act: () => void): void {
    this.history.keep(this.rows);
    act();
    this.host.changed(this.model);
    this.drawn();
  }

  private assign(row: Row, field: FieldModel, value: Value, title: Title = ""): void {
    row.values[field.name] = value;
    if (field.widget === "link") row.titles[field.name] = title;
    row.touched.add(field.name);
    row.problems.delete(field.name);
    row.told.delete(field.name);
  }

  private read(row: Row, field: FieldModel, typed: string): void {
    const read = readTyped(field, typed, this.host.today);
    if ("value" in read) return this.assign(row, field, read.value);
    row.values[field.name] = typed;
    row.touched.add(field.name);
    row.problems.set(field.name, read.problem);
  }

  private wait(row: Row, field: FieldModel, text: string): void {
    row.waiting.add(field.name);
    row.touched.add(field.name);
    row.values[field.name] = null;
    row.titles[field.name] = text;
  }

  private async settle(row: Row, field: FieldModel, text: string): Promise<void> {
    const found = await findCandidates(this.lookup(row, field), text).catch(() => []);
    if (!row.waiting.has(field.name) || row.titles[field.name] !== text) return;
    row.waiting.delete(field.name);
    const first = found.find((one) => one.code === text || one.title === text) ?? found[0];
    if (first) this.assign(row, field, first.id, first.title);
    else this.miss(row, field, text);
    this.host.changed(this.model);
    this.drawn();
  }

  private async resolve(field: FieldModel, cells: { row: Row; text: string }[]): Promise<void> {
    const texts = [...new Set(cells.map((cell) => cell.text))];
    const found = await this.host.resolve(this.model, field, texts).catch(() => texts.map(() => null));
    for (const { row, text } of cells) {
      row.waiting.delete(field.name);
      const hit = found[texts.indexOf(text)];
      if (hit) this.assign(row, field, hit.id, hit.title);
      else this.miss(row, field, text);
    }
  }

  private miss(row: Row, field: FieldModel, text: string): void {
    row.values[field.name] = text;
    row.titles[field.name] = text;
    row.problems.set(field.name, say("not_found", { text }));
  }
}
