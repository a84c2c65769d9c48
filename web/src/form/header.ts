/** The header of a form: its inputs, and the values behind them. */

import type { DateField } from "../fields/date-field.ts";
import type { FieldModel, FormModel, Title, Value } from "../fields/models.ts";
import type { ReferenceField } from "../fields/reference-field.ts";
import type { ReferencesField } from "../fields/references-field.ts";
import { readTyped, valueText } from "../fields/text.ts";

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export class Header {
  readonly values: Record<string, Value>;
  readonly titles: Record<string, Title>;
  readonly touched = new Set<string>();
  readonly problems = new Map<string, string>();

  constructor(
    private readonly root: HTMLElement,
    private readonly model: FormModel,
    private readonly changed: (field: FieldModel) => void,
    lookup: (field: FieldModel) => string,
  ) {
    this.values = { ...model.record };
    this.titles = { ...model.titles };
    for (const field of Object.values(model.fields)) this.connect(field, lookup);
  }

  /** The input of a field, if the form shows it. */
  input(name: string): Input | null {
    return this.root.querySelector<Input>(`[data-field="${name}"] [name="${name}"]`);
  }

  /** The box of a field: label, input, hint. */
  box(name: string): HTMLElement | null {
    return this.root.querySelector<HTMLElement>(`[data-field="${name}"]`);
  }

  /** Read what every input holds now; also what is still being typed. */
  readFocused(): void {
    const active = document.activeElement;
    if (active instanceof HTMLElement && this.root.contains(active)) {
      active.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  /** Set a value that was computed or proposed, and show it. */
  put(name: string, value: Value, title: Title = ""): boolean {
    const field = this.model.fields[name];
    const old = this.values[name] ?? null;
    this.values[name] = value;
    if (title.length || value === null) this.titles[name] = title;
    if (!field || JSON.stringify(old) === JSON.stringify(value)) return false;
    this.problems.delete(name);
    this.show(field);
    return true;
  }

  /** Write the field's value into its input. */
  show(field: FieldModel): void {
    const input = this.input(field.name);
    if (!input || input === document.activeElement) return;
    const value = this.values[field.name] ?? null;
    if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = value === true;
    else if (input instanceof HTMLSelectElement) input.value = value === null ? "" : String(value);
    else if (field.widget === "link") {
      (input.closest("dg-ref") as ReferenceField | null)?.show(String(this.titles[field.name] ?? ""));
    } else if (field.widget === "links") {
      const titles = this.titles[field.name];
      const shown = Array.isArray(titles) ? titles : [];
      (input.closest("dg-refs") as ReferencesField | null)?.show((value as string[] | null) ?? [], shown);
    } else input.value = valueText(field, value, this.titles[field.name]);
    const box = this.box(field.name);
    box?.classList.remove("fresh");
    requestAnimationFrame(() => box?.classList.add("fresh"));
  }

  /** Show a problem at a field; empty text takes it away. */
  mark(name: string, message: string): void {
    const box = this.box(name);
    const input = this.input(name);
    box?.querySelector(".wrong")?.remove();
    box?.classList.toggle("bad", message !== "");
    if (message) input?.setAttribute("aria-invalid", "true");
    else input?.removeAttribute("aria-invalid");
    if (!box || !message) return;
    const text = document.createElement("small");
    text.className = "wrong";
    text.textContent = message;
    box.querySelector(".control")?.append(text);
  }

  private connect(field: FieldModel, lookup: (field: FieldModel) => string): void {
    const input = this.input(field.name);
    if (!input || field.readonly) return;
    const date = input.closest<DateField>("dg-date");
    if (date) date.today = this.model.scope.today;
    const reference = input.closest<ReferenceField>("dg-ref");
    if (reference) {
      reference.dataset.lookup = "";
      reference.context = () => lookup(field);
      const many = reference.closest<ReferencesField>("dg-refs");
      many?.addEventListener("dg-many", (event) => this.pickedMany(field, event as CustomEvent));
      reference.addEventListener("dg-pick", (event) => this.picked(field, event as CustomEvent));
      return;
    }
    input.addEventListener("change", () => this.read(field, input));
  }

  private picked(field: FieldModel, event: CustomEvent): void {
    const { id, title, problem } = event.detail as { id: string; title: string; problem: string };
    this.take(field, problem ? title : id || null, problem, title);
  }

  private pickedMany(field: FieldModel, event: CustomEvent): void {
    const { ids, titles, problem } = event.detail as { ids: string[]; titles: string[]; problem: string };
    this.take(field, ids, problem, titles);
  }

  private read(field: FieldModel, input: Input): void {
    if (input instanceof HTMLInputElement && input.type === "checkbox") {
      return this.take(field, input.checked, "");
    }
    if (input instanceof HTMLSelectElement) return this.take(field, input.value || null, "");
    const read = readTyped(field, input.value, this.model.scope.today);
    if ("problem" in read) return this.take(field, input.value, read.problem);
    this.take(field, read.value, "");
    input.value = valueText(field, read.value);
  }

  private take(field: FieldModel, value: Value, problem: string, title: Title = ""): void {
    const same = JSON.stringify(this.values[field.name] ?? null) === JSON.stringify(value);
    if (same && this.problems.has(field.name) === (problem !== "")) return;
    this.values[field.name] = value;
    this.titles[field.name] = title;
    this.touched.add(field.name);
    if (problem) this.problems.set(field.name, problem);
    else this.problems.delete(field.name);
    this.mark(field.name, problem);
    this.changed(field);
  }
}
