/** Questions to the person: a native dialog each, closed with Escape. */

import { say } from "./words.ts";

function button(label: string, kind = ""): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button ${kind}`.trim();
  made.textContent = label;
  return made;
}

function build(title: string, content: Node | null, tools: HTMLElement[]): HTMLDialogElement {
  const dialog = document.createElement("dialog");
  const body = document.createElement("div");
  body.className = "dialog-body";
  const heading = document.createElement("h2");
  heading.textContent = title;
  body.append(heading, ...(content ? [content] : []));
  dialog.setAttribute("aria-label", title);
  const bar = document.createElement("div");
  bar.className = "dialog-tools";
  bar.append(...tools);
  dialog.append(body, bar);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  return dialog;
}

/** Show something to read. */
export function openDialog(title: string, content: Node, broad = false): HTMLDialogElement {
  const close = button(say("close"));
  const dialog = build(title, content, [close]);
  if (broad) dialog.classList.add("broad");
  close.addEventListener("click", () => dialog.close());
  dialog.showModal();
  return dialog;
}

export interface Question {
  title: string;
  reason?: "" | "optional" | "required";
  confirm?: string;
  danger?: boolean;
}

/** Ask to go on, with a reason if one is wanted; null when the person would rather not. */
export function question(asked: Question): Promise<{ reason: string } | null> {
  return new Promise((resolve) => {
    const input = document.createElement("textarea");
    input.className = "input";
    input.rows = 3;
    input.placeholder = say("reason");
    input.setAttribute("aria-label", say("reason"));
    const cancel = button(say("cancel"));
    const go = button(asked.confirm ?? say("confirm"), asked.danger ? "danger" : "primary");
    const dialog = build(asked.title, asked.reason ? input : null, [cancel, go]);
    let answer: { reason: string } | null = null;
    cancel.addEventListener("click", () => dialog.close());
    go.addEventListener("click", () => {
      if (asked.reason === "required" && !input.value.trim()) {
        input.setCustomValidity(say("reason_required"));
        input.reportValidity();
        return;
      }
      answer = { reason: input.value.trim() };
      dialog.close();
    });
    input.addEventListener("input", () => input.setCustomValidity(""));
    dialog.addEventListener("close", () => resolve(answer));
    dialog.showModal();
    if (!asked.reason) go.focus();
  });
}

export interface Clash {
  label: string;
  mine: string;
  theirs: string;
}

/** Ask, value by value, whose to keep; returns which are mine, or null to reopen the record. */
export function merge(clashes: Clash[]): Promise<boolean[] | null> {
  return new Promise((resolve) => {
    const table = document.createElement("table");
    table.className = "merge";
    const head = table.createTHead().insertRow();
    for (const text of ["", say("mine"), say("theirs")]) {
      const cell = document.createElement("th");
      cell.textContent = text;
      head.append(cell);
    }
    const body = table.createTBody();
    clashes.forEach((clash, index) => {
      const row = body.insertRow();
      row.insertCell().textContent = clash.label;
      for (const [whose, text] of [["mine", clash.mine], ["theirs", clash.theirs]] as const) {
        const label = document.createElement("label");
        const radio = document.createElement("input");
        radio.type = "radio";
        radio.name = `clash-${index}`;
        radio.value = whose;
        radio.checked = whose === "mine";
        label.append(radio, text || "—");
        row.insertCell().append(label);
      }
    });
    const note = document.createElement("p");
    note.textContent = say("conflict_text");
    const content = document.createElement("div");
    content.className = "dialog-content";
    content.append(note, table);
    const reload = button(say("reload"));
    const keep = button(say("keep"), "primary");
    const dialog = build(say("conflict"), content, [reload, keep]);
    dialog.classList.add("broad");
    let answer: boolean[] | null = null;
    reload.addEventListener("click", () => dialog.close());
    keep.addEventListener("click", () => {
      answer = clashes.map(
        (_, index) =>
          table.querySelector<HTMLInputElement>(`[name=clash-${index}][value=mine]`)?.checked ?? true,
      );
      dialog.close();
    });
    dialog.addEventListener("close", () => resolve(answer));
    dialog.showModal();
  });
}
