/** On a phone a line is filled in on a sheet of its own: one field under the other. */

import { say } from "../core/words.ts";
import type { Candidate } from "../fields/hits.ts";
import type { FieldModel } from "../fields/models.ts";
import type { ReferenceField } from "../fields/reference-field.ts";
import type { LineData } from "./data.ts";
import { problemOf, type Row } from "./rows.ts";

/** Open the sheet of a line. */
export function openSheet(row: Row, data: LineData, title: string): void {
  const dialog = document.createElement("dialog");
  dialog.className = "line-sheet";
  dialog.setAttribute("aria-label", title);
  const body = document.createElement("div");
  body.className = "dialog-body";
  const heading = document.createElement("h2");
  heading.textContent = title;
  const boxes = data.model.columns.map((field) => ({ field, box: fieldBox(row, field, data) }));
  body.append(heading, ...boxes.map(({ box }) => box));
  body.addEventListener("dg-shown", () => refresh(row, data, boxes));
  dialog.append(body, tools(row, data, dialog));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function fieldBox(row: Row, field: FieldModel, data: LineData): HTMLElement {
  const box = document.createElement("label");
  box.className = "field";
  const label = document.createElement("span");
  label.className = "label";
  label.textContent = field.label;
  const input = document.createElement("input");
  input.className = `input ${field.align}`;
  input.value = data.text(row, field);
  input.autocomplete = "off";
  input.inputMode = field.widget === "number" ? "decimal" : "text";
  input.readOnly = !data.editable(row, field);
  const told = (): boolean => box.dispatchEvent(new CustomEvent("dg-shown", { bubbles: true }));
  if (field.widget === "link" && !input.readOnly) {
    const reference = document.createElement("dg-ref") as ReferenceField;
    reference.append(input);
    reference.context = () => data.lookup(row, field);
    reference.addEventListener("dg-pick", (event) => {
      const picked = (event as CustomEvent<Candidate>).detail;
      data.set(row, field, picked.id || null, picked.title);
      told();
    });
    box.append(label, reference);
    return box;
  }
  input.addEventListener("change", () => {
    data.type(row, field, input.value);
    told();
  });
  box.append(label, input);
  return box;
}

function refresh(row: Row, data: LineData, boxes: { field: FieldModel; box: HTMLElement }[]): void {
  for (const { field, box } of boxes) {
    const input = box.querySelector("input");
    if (input && input !== document.activeElement) input.value = data.text(row, field);
    const problem = problemOf(row, field.name) ?? "";
    box.classList.toggle("bad", problem !== "");
    box.title = problem;
  }
}

function tools(row: Row, data: LineData, dialog: HTMLDialogElement): HTMLElement {
  const bar = document.createElement("div");
  bar.className = "dialog-tools";
  const done = document.createElement("button");
  done.type = "button";
  done.className = "button primary";
  done.textContent = say("confirm");
  done.addEventListener("click", () => dialog.close());
  if (!data.model.readonly) {
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "button danger";
    remove.textContent = say("remove_line");
    remove.addEventListener("click", () => {
      data.remove(data.rows.indexOf(row));
      dialog.close();
    });
    bar.append(remove);
  }
  bar.append(done);
  return bar;
}
