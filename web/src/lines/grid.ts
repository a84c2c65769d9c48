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
import { isTable } from "./clipboard.ts";
import { LineData, type Host } from "./data.ts";
import { commandOf, type Command, type Mode } from "./keyboard.ts";
import { isBlank, makeRow, problemOf, type Row } from "./rows.ts";
import { openSheet } from "./sheet.ts";
import { drawGrid, type GridView } from "./table.ts";

const WINDOW_OVER = 200;
const MARGIN = 15;
const ROW_HEIGHT = 32;
const LOOK_AFTER = 90;
const LOOK_AFTER_COMPOSING = 250;
const LEAVE_WITHIN = 800;
const PHONE = matchMedia("(max-width: 760px)");
const KEYS: [string, string][] = [
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
];

export class LinesGrid extends HTMLElement {
  private data!: LineData;
  private at = { row: 0, column: 0 };
  private mode: Mode = "resting";
  private readonly editor = document.createElement("input");
  private hits: Hits | null = null;
  private timer = 0;
  private escaped = 0;
  private window = { from: 0, to: 0 };

  /** Take the lines over from the page as the server drew it. */
  start(model: GridModel, host: Host): void {
    this.data = new LineData(model, host, () => this.draw());
    this.prepareEditor();
    this.replaceChildren();
    this.draw();
    mentionKeys(KEYS);
  }

  get rows(): Row[] {
    return this.data.rows;
  }

  get name(): string {
    return this.data.model.name;
  }

  /** Draw the lines again; what is being typed stays. */
  draw(): void {
    render(drawGrid(this.view()), this);
    this.place();
  }

  /** Take what is being typed as it stands. */
  commit(): void {
    if (this.mode === "resting") return;
    const [row, field, typed, chosen] = [this.row, this.field, this.editor.value, this.hits?.chosen];
    this.rest();
    if (!row || !this.data.editable(row, field)) return;
    if (field.widget === "link") this.data.link(row, field, typed, chosen);
    else if (field.widget === "choice" && chosen && typed.trim()) this.data.set(row, field, chosen.id);
    else this.data.type(row, field, typed);
  }

  /** Go to a cell and put the keyboard there. */
  go(row: number, column: number): void {
    this.commit();
    this.at = {
      row: Math.max(0, Math.min(row, this.rows.length - 1)),
      column: Math.max(0, Math.min(column, this.columns.length - 1)),
    };
    this.draw();
    this.cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.editor.focus({ preventScroll: true });
  }

  /** Go to the cell of a field by its name. */
  goTo(row: number, field: string): void {
    const column = this.columns.findIndex((one) => one.name === field);
    if (PHONE.matches) this.openCard(row);
    else this.go(row, Math.max(0, column));
  }

  private get columns(): FieldModel[] {
    return this.data.model.columns;
  }

  private get field(): FieldModel {
    return this.columns[this.at.column]!;
  }

  private get row(): Row | undefined {
    return this.rows[this.at.row];
  }

  private get cell(): HTMLElement | null {
    return this.querySelector<HTMLElement>(`td[data-cell="${this.at.row}.${this.at.column}"]`);
  }

  // --- typing -----------------------------------------------------------------------------------

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
    editor.addEventListener("mousedown", (event) => this.pressed(event));
    editor.addEventListener("dblclick", () => this.edit());
  }

  /** A click on the active cell leaves its text selected: typing replaces it, a double click edits. */
  private pressed(event: MouseEvent): void {
    if (this.mode !== "resting" || document.activeElement !== this.editor) return;
    event.preventDefault();
    this.editor.select();
  }

  private pasted(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const { paste, readonly } = this.data.model;
    if (!paste || readonly || !text.trim()) return;
    if (!isTable(text) && (this.mode !== "resting" || this.field.widget !== "link")) return;
    event.preventDefault();
    this.rest();
    void this.data
      .paste(text, this.at.row, this.at.column)
      .then((rows) => toast(say("pasted", { rows })));
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
    const [row, field, text] = [this.row, this.field, this.editor.value.trim()];
    if (!row || !text || this.mode === "resting") return this.closeHits();
    const found = await findCandidates(this.data.lookup(row, field), text).catch(() => null);
    const here = this.typingIn(row, field) && this.editor.value.trim() === text;
    if (found && here) this.showHits(found);
  }

  private typingIn(row: Row, field: FieldModel): boolean {
    return this.row === row && this.field === field && this.mode !== "resting";
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
    if (!this.row || !this.data.editable(this.row, this.field)) return;
    this.mode = "editing";
    this.editor.classList.remove("resting");
    const end = this.editor.value.length;
    this.editor.setSelectionRange(end, end);
  }

  // --- the keyboard -----------------------------------------------------------------------------

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
    const lastColumn = this.at.column === this.columns.length - 1;
    if (command === "right") return lastRow && lastColumn && this.mode === "resting";
    return command === "left" && this.at.row === 0 && this.at.column === 0 && this.mode === "resting";
  }

  private run(command: Command): void {
    const { row, column } = this.at;
    const last = this.columns.length - 1;
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
    for (;;) {
      column += by;
      if (column < 0 || column >= this.columns.length) {
        row += by;
        column = by > 0 ? 0 : this.columns.length - 1;
      }
      const [line, field] = [this.rows[row], this.columns[column]!];
      if (row < 0) return;
      if (!line) return this.beyond(row);
      if (this.data.editable(line, field)) return this.go(row, column);
    }
  }

  /** Begin a new line after the last, unless that one is still empty. */
  private beyond(row: number): void {
    const last = this.rows[row - 1];
    if (last && isBlank(last)) this.go(row - 1, this.at.column);
    else this.add(row);
  }

  private add(at: number): void {
    this.commit();
    const last = this.rows.at(-1);
    const waits = at === this.rows.length && last !== undefined && isBlank(last);
    if (waits) at--;
    else if (!this.data.insert(at)) return;
    const row = this.rows[at]!;
    this.go(at, Math.max(0, this.columns.findIndex((field) => this.data.editable(row, field))));
  }

  private removeRow(at: number): void {
    this.rest();
    this.data.remove(at);
    if (!PHONE.matches) this.go(at, this.at.column);
  }

  private fillDown(): void {
    this.rest();
    this.data.fillDown(this.at.row, this.field);
  }

  private travel(back: boolean): void {
    if (this.data.travel(back)) this.go(this.at.row, this.at.column);
  }

  private clear(): void {
    if (this.row && this.data.editable(this.row, this.field)) this.data.set(this.row, this.field, null);
  }

  private toggle(): void {
    const [row, field] = [this.row, this.field];
    if (row && this.data.editable(row, field)) this.data.set(row, field, !row.values[field.name]);
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
    const [cell, row, field, editor] = [this.cell, this.row, this.field, this.editor];
    editor.hidden = !cell;
    if (!cell || !row) return;
    editor.style.left = `${cell.offsetLeft}px`;
    editor.style.top = `${cell.offsetTop}px`;
    editor.style.width = `${cell.offsetWidth}px`;
    editor.style.height = `${cell.offsetHeight}px`;
    editor.classList.toggle("right", field.align === "right");
    editor.classList.toggle("bad", problemOf(row, field.name) !== undefined);
    editor.readOnly = !this.data.editable(row, field);
    editor.inputMode = field.widget === "number" ? "decimal" : "text";
    editor.setAttribute("aria-label", say("cell", { label: field.label, n: this.at.row + 1 }));
    if (this.mode !== "resting") return;
    editor.value = this.data.text(row, field);
    if (document.activeElement === editor) editor.select();
  }

  private scrolled(event: Event): void {
    this.place();
    if (this.rows.length <= WINDOW_OVER) return;
    const box = event.target as HTMLElement;
    const height = this.rowHeight();
    const from = Math.max(0, Math.floor(box.scrollTop / height) - MARGIN);
    const to = Math.ceil((box.scrollTop + box.clientHeight) / height) + MARGIN;
    const moved = Math.max(Math.abs(from - this.window.from), Math.abs(to - this.window.to));
    if (moved < MARGIN / 2) return;
    this.window = { from, to };
    this.draw();
  }

  private rowHeight(): number {
    return this.querySelector<HTMLElement>("tbody tr.line")?.offsetHeight || ROW_HEIGHT;
  }

  /** The rows to draw: all, or those near the eye or the active one when there are very many. */
  private shown(): GridView["shown"] {
    const [count, height, active] = [this.rows.length, this.rowHeight(), this.at.row];
    if (count <= WINDOW_OVER) return { from: 0, to: count, height };
    const seen = this.window.to ? this.window : { from: 0, to: 4 * MARGIN };
    const inside = active >= seen.from && active < seen.to;
    const focused = document.activeElement === this.editor;
    const near = inside || !focused ? seen : { from: active - 2 * MARGIN, to: active + 2 * MARGIN };
    return { from: Math.max(0, near.from), to: Math.min(count, near.to), height };
  }

  private clicked(event: MouseEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("td[data-cell]");
    if (!cell) return;
    const [row = 0, column = 0] = cell.dataset.cell!.split(".").map(Number);
    this.go(row, column);
    if (this.field.widget === "boolean") this.toggle();
  }

  private view(): GridView {
    return {
      model: this.data.model,
      rows: this.rows,
      at: this.at,
      shown: this.shown(),
      editor: this.editor,
      text: (row, field) => this.data.text(row, field),
      editable: (row, field) => this.data.editable(row, field),
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
    if (row) openSheet(row, this.data, say("line", { n: index + 1 }));
  }
}

customElements.define("dg-lines", LinesGrid);
