/** How a grid is drawn: as a table, on a phone as cards. Pure: from what there is to markup. */

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { say } from "../core/words.ts";
import type { FieldModel, GridModel } from "../fields/models.ts";
import { valueText } from "../fields/text.ts";
import { isBlank, problemOf, total, type Row } from "./rows.ts";

const NUMBER_WIDTH = 44;
const LONG_TEXT = 14;
const CARD_DETAILS = 3;

/** What the drawing needs to know of a grid. */
export interface GridView {
  model: GridModel;
  rows: Row[];
  at: { row: number; column: number };
  shown: { from: number; to: number; height: number };
  editor: HTMLInputElement;
  text(row: Row, field: FieldModel): string;
  editable(row: Row, field: FieldModel): boolean;
  add(): void;
  remove(): void;
  clicked(event: MouseEvent): void;
  scrolled(event: Event): void;
  openCard(index: number): void;
}

/** Draw the whole grid. */
export function drawGrid(view: GridView): TemplateResult {
  return html`${bar(view)}${table(view)}${cards(view)}${problemBar(view)}`;
}

function bar(view: GridView): TemplateResult {
  const count = view.rows.filter((row) => !isBlank(row)).length;
  const buttons = view.model.readonly
    ? nothing
    : html`<button class="button" type="button" @click=${view.add}>${say("add_line")} <kbd>Ctrl ↵</kbd></button>
        <button class="button table-only" type="button" @click=${view.remove}>${say("remove_line")}</button>`;
  return html`<div class="lines-bar"><h2>${view.model.label}</h2>${buttons}
    <span class="space"></span><span class="quiet">${say("lines", { n: count })}</span></div>`;
}

function keepFocus(event: MouseEvent): void {
  if ((event.target as HTMLElement).closest("td")) event.preventDefault();
}

function table(view: GridView): TemplateResult {
  const { columns } = view.model;
  const { from, to, height } = view.shown;
  const width = NUMBER_WIDTH + columns.reduce((sum, field) => sum + field.width, 0);
  const lines = repeat(
    view.rows.slice(from, to),
    (row) => row.key,
    (row, index) => line(view, row, from + index),
  );
  return html`<div class="lines-scroll" @scroll=${view.scrolled} @click=${view.clicked} @mousedown=${keepFocus}>
    <table class="lines" role="grid" aria-label=${view.model.label} aria-rowcount=${view.rows.length + 1}
      aria-colcount=${columns.length + 1} .style=${`width:${width}px`}>
      <colgroup><col .style=${`width:${NUMBER_WIDTH}px`} />${columns.map(
        (field) => html`<col .style=${`width:${field.width}px`} />`,
      )}</colgroup>
      <thead><tr><th class="number" scope="col">#</th>${columns.map(heading)}</tr></thead>
      <tbody>${spacer(from * height)}${lines}${spacer((view.rows.length - to) * height)}</tbody>
      ${columns.some((field) => field.summed) ? foot(view) : nothing}
    </table>${view.editor}</div>`;
}

function spacer(height: number): TemplateResult | typeof nothing {
  return height > 0 ? html`<tr aria-hidden="true"><td .style=${`height:${height}px`}></td></tr>` : nothing;
}

function heading(field: FieldModel, index: number): TemplateResult {
  const star = field.required && !field.readonly ? html`<em aria-hidden="true">*</em>` : nothing;
  return html`<th scope="col" class="${field.align} ${index ? "" : "first"}" title=${field.hint || nothing}>${field.label}${star}</th>`;
}

function line(view: GridView, row: Row, index: number): TemplateResult {
  const cells = view.model.columns.map((field, column) => cell(view, row, index, field, column));
  return html`<tr class="line ${index === view.at.row ? "here" : ""}" aria-rowindex=${index + 2}>
    <th class="number" scope="row">${index + 1}</th>${cells}</tr>`;
}

function cell(view: GridView, row: Row, index: number, field: FieldModel, column: number): TemplateResult {
  const text = view.text(row, field);
  const bad = problemOf(row, field.name);
  const kinds = [
    field.align,
    column ? "" : "first",
    view.editable(row, field) ? "" : "still",
    bad ? "bad" : "",
    field.widget === "number" && text.startsWith("-") ? "minus" : "",
    row.waiting.has(field.name) ? "quiet" : "",
  ];
  const title = bad ?? (text.length > LONG_TEXT ? text : nothing);
  return html`<td role="gridcell" data-cell="${index}.${column}" class=${kinds.filter(Boolean).join(" ")}
    title=${title} aria-invalid=${bad ? "true" : nothing}>${text}</td>`;
}

function foot(view: GridView): TemplateResult {
  return html`<tfoot><tr><td class="number">Σ</td>${view.model.columns.map((field, index) => {
    const text = field.summed ? valueText(field, total(view.rows, field)) : index ? "" : say("total");
    return html`<td class="${field.align} ${index ? "" : "first"}">${text}</td>`;
  })}</tr></tfoot>`;
}

function problemBar(view: GridView): TemplateResult | typeof nothing {
  const field = view.model.columns[view.at.column];
  const problem = field && problemOf(view.rows[view.at.row], field.name);
  if (!field || !problem) return nothing;
  return html`<div class="cell-problem">${say("line", { n: view.at.row + 1 })} · ${field.label}: ${problem}</div>`;
}

function cards(view: GridView): TemplateResult {
  const rows = view.rows.map((row, index) => ({ row, index })).filter(({ row }) => !isBlank(row));
  return html`<div class="line-cards">${rows.map(({ row, index }) => card(view, row, index))}</div>`;
}

function card(view: GridView, row: Row, index: number): TemplateResult {
  const [first, ...others] = view.model.columns;
  const figure = view.model.columns.filter((field) => field.summed && field.type === "money").at(0);
  const details = others
    .filter((field) => field !== figure && view.text(row, field))
    .slice(0, CARD_DETAILS)
    .map((field) => (field.widget === "number" ? `${field.label} ${view.text(row, field)}` : view.text(row, field)));
  return html`<button type="button" class=${row.problems.size + row.told.size ? "bad" : ""} @click=${() => view.openCard(index)}>
    <span>${index + 1}. ${first ? view.text(row, first) : ""}</span><b>${figure ? view.text(row, figure) : ""}</b>
    <small>${details.join(" · ")}</small></button>`;
}
