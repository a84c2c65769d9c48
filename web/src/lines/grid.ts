/**
 * `<dg-lines>`: the lines of a document, entered without the mouse.
 *
 * One input is always focused and lies over the active cell with its text selected, so typing,
 * composing and scanning replace natively; the table is drawn again only when a cell is committed.
 */

import { render } from "lit";
import { mentionKeys } from "../core/hotkeys.ts";
import { toast } from "../core/toast.ts";
import { say } from "../core/words.ts";
import { findCandidates, Hits, type Candidate } from "../fields/hits.ts";
import type { FieldModel, GridModel } from "../fields/models.ts";
import { readTyped, valueText } from "../fields/text.ts";
import { isTable, readTable } from "./clipboard.ts";
import { commandOf, type Command, type Mode } from "./keyboard.ts";
import { History, isBlank, makeRow, type Row } from "./rows.ts";
import { openSheet } from "./sheet.ts";
import { drawGrid, type GridView } from "./table.ts";

/** What the grid asks of the document it stands in. */
export interface Host {
  today: string;
  /** The address that finds candidates for a link cell of `row`. */
  lookup(grid: GridModel, field: FieldModel, row: Row): string;
  /** Cells of the grid changed: compute, save a draft, mark as dirty. */
  changed(grid: GridModel, rows: Row[], field: FieldModel | null): void;
  /** Find the records that many typed codes mean, in one request. */
  resolve(grid: GridModel, field: FieldModel, texts: string[]): Promise<(Candidate | null)[]>;
}

const WINDOW_OVER = 200;
const MARGIN = 15;
const LOOK_AFTER = 90;
const LOOK_AFTER_COMPOSING = 250;
const LEAVE_WITHIN = 800;
const PHONE = matchMedia("(max-width: 760px)");

export class LinesGrid extends HTMLElement {
  rows: Row[] = [];
  private model!: GridModel;
  private host!: Host;
  private at = { row: 0, column: 0 };
  private mode: Mode = "resting";
  private readonly history = new History();
  private readonly editor = document.createElement("input");
  private hits: Hits | null = null;
  private timer = 0;
  private escaped = 0;
  private window = { from: 0, to: 0 };

  /** Take the lines over from the page as the server drew it. */
  start(model: GridModel, host: Host): void {
    this.model = model;
    this.host = host;
    this.rows = model.rows.map(makeRow);
    if (!this.rows.length && !model.readonly) this.rows = [makeRow()];
    this.prepareEditor();
    this.replaceChildren();
    this.draw();
    mentionKeys([
      ["Enter", "key_enter"],
      ["Tab / Shift+Tab", "key_tab"],
      ["F2", "key_edit"],
      ["Esc", "key_escape"],
      ["Ctrl+Enter", "key_add"],
      ["Insert", "key_insert"],
      ["Ctrl+Delete", "key_remove"],
      ["Ctrl+D", "key_fill"],
      ["Ctrl+Z / Ctrl+Y", "key_undo"],
      ["Ctrl+V", "key_paste"],
    ]);
  }

  get name(): string {
    return this.model.name;
  }

  get position(): { row: number; column: number } {
    return { ...this.at };
  }

  /** Draw the lines again; what is being typed stays. */
  draw(): void {
    render(drawGrid(this.view()), this);
    this.place();
  }

  /** Take what is being typed as it stands. */
  commit(): void {
    if (this.mode === "resting") return;
    const field = this.field;
    const row = this.rows[this.at.row];
    const typed = this.editor.value;
    const chosen = this.hits?.chosen;
    this.rest();
    if (!row || !this.editable(row, field)) return;
    if (field.widget === "link" || field.widget === "links") return this.commitLink(row, field, typed, chosen);
    if (field.widget === "choice" && chosen && typed.trim()) {
      return this.put(row, field, () => this.set(row, field, chosen.id));
    }
    if (typed === this.text(row, field) && !row.problems.has(field.name)) return;
    this.put(row, field, () => this.type(row, field, typed));
  }

  /** Go to a cell and put the keyboard there. */
  go(row: number, column: number, focus = true): void {
    this.commit();
    const most = this.rows.length - 1;
    this.at = {
      row: Math.max(0, Math.min(row, most)),
      column: Math.max(0, Math.min(column, this.model.columns.length - 1)),
    };
    this.draw();
    this.reveal();
    if (focus) this.editor.focus({ preventScroll: true });
  }

  /** Go to the cell of a field by its name. */
  goTo(row: number, field: string): void {
    const column = this.model.columns.findIndex((one) => one.name === field);
    this.go(row, Math.max(0, column));
  }

  private get field(): FieldModel {
    return this.model.columns[this.at.column]!;
  }

  private editable(row: Row, field: FieldModel): boolean {
    return !this.model.readonly && !field.readonly && !row.locked.has(field.name);
  }

  private text(row: Row, field: FieldModel): string {
    return valueText(field, row.values[field.name], row.titles[field.name]);
  }

  // --- changing ---------------------------------------------------------------------------------

  private put(row: Row | null, field: FieldModel | null, change: () => void): void {
    this.history.keep(this.rows);
    change();
    this.host.changed(this.model, row ? [row] : this.rows, field);
    this.draw();
  }

  private set(row: Row, field: FieldModel, value: Row["values"][string], title = ""): void {
    row.values[field.name] = value;
    if (field.widget === "link") row.titles[field.name] = title;
    row.touched.add(field.name);
    row.problems.delete(field.name);
  }

  private type(row: Row, field: FieldModel, typed: string): void {
    const read = readTyped(field, typed, this.host.today);
    if ("value" in read) return this.set(row, field, read.value);
    row.values[field.name] = typed;
    row.touched.add(field.name);
    row.problems.set(field.name, read.problem);
  }

  private commitLink(row: Row, field: FieldModel, typed: string, chosen?: Candidate): void {
    const text = typed.trim();
    if (text === this.text(row, field).trim() && !row.problems.has(field.name)) return;
    if (!text) return this.put(row, field, () => this.set(row, field, null));
    if (chosen) return this.put(row, field, () => this.set(row, field, chosen.id, chosen.title));
    // The answer may come when the keyboard is long elsewhere: it belongs to this row.
    this.history.keep(this.rows);
    row.waiting.add(field.name);
    row.touched.add(field.name);
    row.values[field.name] = null;
    row.titles[field.name] = text;
    void this.settle(row, field, text);
  }

  private async settle(row: Row, field: FieldModel, text: string): Promise<void> {
    const found = await findCandidates(this.host.lookup(this.model, field, row), text).catch(() => []);
    if (!row.waiting.has(field.name) || row.titles[field.name] !== text) return;
    row.waiting.delete(field.name);
    const first = found.find((one) => one.code === text || one.title === text) ?? found[0];
    if (first) this.set(row, field, first.id, first.title);
    else this.miss(row, field, text);
    this.host.changed(this.model, [row], field);
    this.draw();
  }

  private miss(row: Row, field: FieldModel, text: string): void {
    row.values[field.name] = text;
    row.titles[field.name] = text;
    row.problems.set(field.name, say("not_found", { text }));
  }

  private add(at: number): void {
    if (this.model.readonly || (this.model.max && this.rows.length >= this.model.max)) return;
    this.commit();
    this.history.keep(this.rows);
    this.rows.splice(at, 0, makeRow());
    this.host.changed(this.model, [], null);
    this.go(at, this.firstEditable(at));
  }

  private firstEditable(at: number): number {
    const row = this.rows[at];
    const found = row ? this.model.columns.findIndex((field) => this.editable(row, field)) : -1;
    return Math.max(0, found);
  }

  private removeRow(at: number): void {
    if (this.model.readonly || !this.rows[at]) return;
    this.rest();
    this.put(null, null, () => {
      this.rows.splice(at, 1);
      if (!this.rows.length) this.rows.push(makeRow());
    });
    this.go(Math.min(at, this.rows.length - 1), this.at.column);
  }

  private fillDown(): void {
    const [above, row, field] = [this.rows[this.at.row - 1], this.rows[this.at.row], this.field];
    if (!above || !row || !this.editable(row, field)) return;
    this.rest();
    const value = above.values[field.name] ?? null;
    this.put(row, field, () => this.set(row, field, value, above.titles[field.name]));
  }

  private travel(back: boolean): void {
    const rows = back ? this.history.undo(this.rows) : this.history.redo(this.rows);
    if (!rows) return;
    this.rows = rows;
    this.host.changed(this.model, rows, null);
    this.go(Math.min(this.at.row, rows.length - 1), this.at.column);
  }

  private async paste(text: string): Promise<void> {
    const table = readTable(text);
    const links = new Map<FieldModel, { row: Row; text: string }[]>();
    this.rest();
    this.history.keep(this.rows);
    table.forEach((cells, down) => {
      const index = this.at.row + down;
      while (this.rows.length <= index) this.rows.push(makeRow());
      const row = this.rows[index]!;
      cells.forEach((cell, right) => {
        const field = this.model.columns[this.at.column + right];
        if (!field || !this.editable(row, field)) return;
        if (field.widget !== "link" || !cell) return this.type(row, field, cell);
        row.touched.add(field.name);
        row.waiting.add(field.name);
        row.titles[field.name] = cell;
        links.set(field, [...(links.get(field) ?? []), { row, text: cell }]);
      });
    });
    this.draw();
    for (const [field, cells] of links) await this.resolve(field, cells);
    this.host.changed(this.model, this.rows, null);
    this.draw();
    toast(say("pasted", { rows: table.length }));
  }

  private async resolve(field: FieldModel, cells: { row: Row; text: string }[]): Promise<void> {
    const texts = [...new Set(cells.map((cell) => cell.text))];
    const found = await this.host.resolve(this.model, field, texts).catch(() => texts.map(() => null));
    for (const { row, text } of cells) {
      row.waiting.delete(field.name);
      const hit = found[texts.indexOf(text)];
      if (hit) this.set(row, field, hit.id, hit.title);
      else this.miss(row, field, text);
    }
  }

  // --- the keyboard -----------------------------------------------------------------------------

  private prepareEditor(): void {
    const editor = this.editor;
    editor.className = "cell-editor resting";
    editor.autocomplete = "off";
    editor.spellcheck = false;
    editor.addEventListener("keydown", (event) => this.key(event));
    editor.addEventListener("input", (event) => this.typed(event as InputEvent));
    editor.addEventListener("paste", (event) => this.pasted(event));
    editor.addEventListener("focus", () => this.mode === "resting" && editor.select());
    editor.addEventListener("blur", () => this.commit());
    editor.addEventListener("dblclick", () => this.edit());
  }

  private pasted(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!this.model.paste || this.model.readonly || (!isTable(text) && this.mode !== "resting")) return;
    if (!isTable(text) && this.field.widget !== "link") return;
    event.preventDefault();
    void this.paste(text);
  }

  private typed(event: InputEvent): void {
    if (this.mode === "resting") {
      this.mode = "typing";
      this.editor.classList.remove("resting");
    }
    const field = this.field;
    if (field.widget === "choice") return this.showOptions(field);
    if (field.widget !== "link") return;
    clearTimeout(this.timer);
    const wait = event.isComposing ? LOOK_AFTER_COMPOSING : LOOK_AFTER;
    this.timer = window.setTimeout(() => void this.look(), wait);
  }

  private showOptions(field: FieldModel): void {
    const text = this.editor.value.trim().toLowerCase();
    const found = field.options
      .filter((option) => `${option.code} ${option.label}`.toLowerCase().includes(text))
      .map((option) => ({ id: option.code, code: "", title: option.label }));
    this.showHits(found);
  }

  private async look(): Promise<void> {
    const [row, field, text] = [this.rows[this.at.row], this.field, this.editor.value.trim()];
    if (!row || !text || this.mode === "resting") return this.closeHits();
    const found = await findCandidates(this.host.lookup(this.model, field, row), text).catch(() => null);
    if (found && this.typingIn(row, field) && this.editor.value.trim() === text) this.showHits(found);
  }

  private typingIn(row: Row, field: FieldModel): boolean {
    return this.rows[this.at.row] === row && this.field === field && this.mode !== "resting";
  }

  private showHits(found: Candidate[]): void {
    this.hits ??= new Hits(this.editor, (candidate) => {
      this.hits?.show([candidate]);
      this.run("next");
    });
    this.hits.show(found);
  }

  private closeHits(): void {
    clearTimeout(this.timer);
    this.hits?.close();
    this.hits = null;
  }

  private rest(): void {
    this.mode = "resting";
    this.editor.classList.add("resting");
    this.closeHits();
  }

  private edit(): void {
    const row = this.rows[this.at.row];
    if (!row || !this.editable(row, this.field)) return;
    this.mode = "editing";
    this.editor.classList.remove("resting");
    const end = this.editor.value.length;
    this.editor.setSelectionRange(end, end);
  }

  private key(event: KeyboardEvent): void {
    const command = commandOf(event, this.mode);
    if (!command) return;
    if (this.hits && (command === "up" || command === "down")) {
      this.take(event);
      return this.hits.move(command === "up" ? -1 : 1);
    }
    if (command === "toggle" && this.field.widget !== "boolean") return;
    if (this.leaves(command)) {
      this.commit();
      return;
    }
    this.take(event);
    this.run(command);
  }

  private take(event: Event): void {
    event.preventDefault();
    event.stopPropagation();
  }

  /** Tell whether Tab leads out of the grid here. */
  private leaves(command: Command): boolean {
    const lastRow = this.at.row === this.rows.length - 1;
    const lastColumn = this.at.column === this.model.columns.length - 1;
    if (command === "right") return lastRow && lastColumn && this.mode === "resting";
    return command === "left" && this.at.row === 0 && this.at.column === 0 && this.mode === "resting";
  }

  private run(command: Command): void {
    const { row, column } = this.at;
    const last = this.model.columns.length - 1;
    const doing: Record<Command, () => void> = {
      next: () => this.step(1),
      previous: () => this.step(-1),
      right: () => (column === last ? this.go(row + 1, 0) : this.go(row, column + 1)),
      left: () => (column === 0 ? this.go(row - 1, last) : this.go(row, column - 1)),
      up: () => this.go(row - 1, column),
      down: () => this.go(row + 1, column),
      home: () => this.go(row, 0),
      end: () => this.go(row, last),
      top: () => this.go(0, 0),
      bottom: () => this.go(this.rows.length - 1, last),
      edit: () => this.edit(),
      escape: () => this.escape(),
      add: () => this.add(this.rows.length),
      insert: () => this.add(row),
      remove: () => this.removeRow(row),
      clear: () => this.clear(),
      fill: () => this.fillDown(),
      undo: () => this.travel(true),
      redo: () => this.travel(false),
      toggle: () => this.toggle(),
    };
    doing[command]();
  }

  /** Go to the next cell that can be filled in; past the end begins a new line. */
  private step(by: 1 | -1): void {
    this.commit();
    let { row, column } = this.at;
    const columns = this.model.columns;
    for (;;) {
      column += by;
      if (column >= columns.length) {
        column = 0;
        row++;
      }
      if (column < 0) {
        column = columns.length - 1;
        row--;
      }
      const line = this.rows[row];
      if (row < 0) return;
      if (!line) return isBlank(this.rows[row - 1]!) ? this.go(row - 1, this.at.column) : this.add(row);
      if (this.editable(line, columns[column]!)) return this.go(row, column);
    }
  }

  private clear(): void {
    const [row, field] = [this.rows[this.at.row], this.field];
    if (row && this.editable(row, field)) this.put(row, field, () => this.set(row, field, null));
  }

  private toggle(): void {
    const [row, field] = [this.rows[this.at.row], this.field];
    if (!row || !this.editable(row, field)) return;
    this.put(row, field, () => this.set(row, field, !row.values[field.name]));
  }

  private escape(): void {
    const now = performance.now();
    if (this.mode !== "resting") {
      this.rest();
      this.place();
      this.editor.select();
    } else if (now - this.escaped < LEAVE_WITHIN) {
      this.closest("dg-document")?.querySelector<HTMLElement>("[data-do=save]")?.focus();
    }
    this.escaped = now;
  }

  // --- drawing ----------------------------------------------------------------------------------

  /** Lay the input over the active cell; what is being typed is left alone. */
  private place(): void {
    const cell = this.querySelector<HTMLElement>(`td[data-cell="${this.at.row}.${this.at.column}"]`);
    const [row, field, editor] = [this.rows[this.at.row], this.field, this.editor];
    editor.hidden = !cell;
    if (!cell || !row) return;
    editor.style.left = `${cell.offsetLeft}px`;
    editor.style.top = `${cell.offsetTop}px`;
    editor.style.width = `${cell.offsetWidth}px`;
    editor.style.height = `${cell.offsetHeight}px`;
    editor.classList.toggle("right", field.align === "right");
    editor.classList.toggle("bad", row.problems.has(field.name));
    editor.readOnly = !this.editable(row, field);
    editor.inputMode = field.widget === "number" ? "decimal" : "text";
    editor.setAttribute("aria-label", say("cell", { label: field.label, n: this.at.row + 1 }));
    if (this.mode === "resting") {
      editor.value = this.text(row, field);
      if (document.activeElement === editor) editor.select();
    }
  }

  private view(): GridView {
    return {
      model: this.model,
      rows: this.rows,
      at: this.at,
      shown: this.shown(),
      editor: this.editor,
      text: (row, field) => this.text(row, field),
      editable: (row, field) => this.editable(row, field),
      add: () => (PHONE.matches ? this.addCard() : this.add(this.rows.length)),
      remove: () => this.removeRow(this.at.row),
      clicked: (event) => this.clicked(event),
      scrolled: (event) => this.scrolled(event),
      openCard: (index) => this.openCard(index),
    };
  }

  private addCard(): void {
    const last = this.rows.at(-1);
    if (!last || !isBlank(last)) this.rows.push(makeRow());
    this.openCard(this.rows.length - 1);
  }

  private openCard(index: number): void {
    const row = this.rows[index];
    if (!row) return;
    openSheet(row, {
      columns: this.model.columns,
      title: say("line", { n: index + 1 }),
      readonly: this.model.readonly,
      text: (line, field) => this.text(line, field),
      editable: (line, field) => this.editable(line, field),
      lookup: (line, field) => this.host.lookup(this.model, field, line),
      typed: (line, field, text) => this.put(line, field, () => this.type(line, field, text)),
      picked: (line, field, one) => this.put(line, field, () => this.set(line, field, one.id || null, one.title)),
      remove: (line) => this.removeRow(this.rows.indexOf(line)),
    });
  }

  private reveal(): void {
    this.querySelector(`td[data-cell="${this.at.row}.${this.at.column}"]`)?.scrollIntoView({
      block: "nearest",
      inline: "nearest",
    });
  }

  private scrolled(event: Event): void {
    this.place();
    if (this.rows.length <= WINDOW_OVER) return;
    const box = event.target as HTMLElement;
    const height = this.querySelector<HTMLElement>("tbody tr.line")?.offsetHeight ?? 32;
    const from = Math.max(0, Math.floor(box.scrollTop / height) - MARGIN);
    const to = Math.ceil((box.scrollTop + box.clientHeight) / height) + MARGIN;
    if (Math.abs(from - this.window.from) < MARGIN / 2 && Math.abs(to - this.window.to) < MARGIN / 2) return;
    this.window = { from, to };
    this.draw();
  }

  /** The rows to draw: all, or those near the eye and the active one when there are very many. */
  private shown(): { from: number; to: number; height: number } {
    const count = this.rows.length;
    const height = this.querySelector<HTMLElement>("tbody tr.line")?.offsetHeight ?? 32;
    if (count <= WINDOW_OVER) return { from: 0, to: count, height };
    const seen = this.window.to ? this.window : { from: 0, to: 60 };
    const inside = this.at.row >= seen.from && this.at.row < seen.to;
    const middle = inside ? seen : { from: this.at.row - 2 * MARGIN, to: this.at.row + 2 * MARGIN };
    return { from: Math.max(0, middle.from), to: Math.min(count, middle.to), height };
  }

  private clicked(event: MouseEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("td[data-cell]");
    if (!cell) return;
    const [row = 0, column = 0] = cell.dataset.cell!.split(".").map(Number);
    this.go(row, column);
    if (this.field.widget === "boolean") this.toggle();
  }
}

customElements.define("dg-lines", LinesGrid);
