/** `<dg-import>`: choose a file, see what would come of it, change what goes where, bring it in. */

import { question } from "./dialog.ts";
import { RefusedByServer, send } from "./requests.ts";
import { toast, toastFailure } from "./toast.ts";
import { say, shell } from "./words.ts";

interface Page {
  entity: string;
  targets: { path: string; label: string; required: boolean }[];
  urls: Record<string, string>;
}

interface Preview {
  headings: string[];
  rows: string[][];
  total: number;
  looked_at: number;
  key: string[];
  pairs: Record<string, string>;
  created: number;
  changed: number;
  same: number;
  refused: number;
  problems: { row: number; reason: string; hint: string }[];
}

interface ApiRefusal {
  detail?: string;
  problems?: { reason: string; hint: string }[];
}

const SAMPLES = 3;
const PROBLEMS = 12;

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Ask the API; its refusals are told in their own words. */
async function api<T>(url: string, body: BodyInit, type: string): Promise<T> {
  const headers = { "Content-Type": type, "X-CSRF-Token": shell.csrf };
  const response = await fetch(url, { method: "POST", headers, body });
  if (response.ok) return (await response.json()) as T;
  const told = (await response.json().catch(() => ({}))) as ApiRefusal;
  const problems = (told.problems ?? []).map((one) => ({
    path: "",
    message: one.reason,
    fix: one.hint,
    level: "stop" as const,
    code: "",
  }));
  throw new RefusedByServer(response.status, problems);
}

const json = <T>(url: string, body: unknown): Promise<T> => api<T>(url, JSON.stringify(body), "application/json");

export class ImportForm extends HTMLElement {
  private page!: Page;
  private file: { digest: string; name: string } | null = null;
  private pairs: Record<string, string> = {};
  private goodOnly = true;

  connectedCallback(): void {
    const island = this.querySelector("script");
    if (!island?.textContent) return;
    this.page = JSON.parse(island.textContent) as Page;
    const input = this.querySelector<HTMLInputElement>("input[type=file]");
    input?.addEventListener("change", () => input.files?.[0] && void this.take(input.files[0]));
    const drop = this.querySelector<HTMLElement>("[data-drop]");
    drop?.addEventListener("dragover", (event) => event.preventDefault());
    drop?.addEventListener("drop", (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void this.take(file);
    });
    this.querySelector("[data-mapping]")?.addEventListener("change", () => {
      this.pairs = {};
      if (this.file) void this.preview();
    });
  }

  private async take(file: File): Promise<void> {
    const label = this.querySelector("[data-drop] b");
    if (label) label.textContent = file.name;
    try {
      const url = `${this.page.urls.upload}?name=${encodeURIComponent(file.name)}`;
      this.file = await api(url, file, "application/octet-stream");
      this.pairs = {};
      await this.preview();
    } catch (error) {
      toastFailure(error);
    }
  }

  private request(): Record<string, unknown> {
    const mapping = this.querySelector<HTMLSelectElement>("[data-mapping]")?.value ?? "";
    const { digest, name } = this.file!;
    const chosen = Object.keys(this.pairs).length ? { pairs: this.pairs } : { mapping };
    return { entity: this.page.entity, files: { "": { digest, name } }, ...chosen };
  }

  private async preview(): Promise<void> {
    const place = this.querySelector<HTMLElement>("[data-preview]");
    if (!place) return;
    place.replaceChildren(element("p", "quiet", say("import_reading")));
    try {
      const seen = await json<Preview>(this.page.urls.preview!, this.request());
      this.pairs = seen.pairs;
      place.replaceChildren(...this.drawn(seen));
    } catch (error) {
      place.replaceChildren();
      toastFailure(error);
    }
  }

  private drawn(seen: Preview): HTMLElement[] {
    const summary = element(
      "p",
      "import-summary",
      say("import_summary", {
        total: seen.total,
        created: seen.created,
        changed: seen.changed,
        same: seen.same,
        refused: seen.refused,
        looked: seen.looked_at,
      }),
    );
    return [this.table(seen), summary, ...this.problems(seen), this.tools(seen)];
  }

  /** One row per column of the file: its heading, some of its values, the field it fills. */
  private table(seen: Preview): HTMLElement {
    const table = element("table", "merge");
    const head = table.createTHead().insertRow();
    for (const text of [say("import_column"), say("import_sample"), say("import_field")]) {
      head.append(element("th", "", text));
    }
    const body = table.createTBody();
    seen.headings.forEach((heading, index) => {
      const row = body.insertRow();
      row.insertCell().append(element("b", "", heading));
      const samples = seen.rows.slice(0, SAMPLES).map((cells) => cells[index] ?? "").filter(Boolean);
      row.insertCell().append(element("span", "quiet", samples.join(" · ")));
      row.insertCell().append(this.choice(heading));
    });
    const box = element("div", "import-table");
    box.append(table);
    return box;
  }

  private choice(heading: string): HTMLElement {
    const select = element("select", "select");
    select.setAttribute("aria-label", heading);
    select.append(new Option(say("import_ignore"), ""));
    for (const target of this.page.targets) {
      select.append(new Option(target.label + (target.required ? " *" : ""), target.path));
    }
    select.value = Object.entries(this.pairs).find(([, one]) => one === heading)?.[0] ?? "";
    select.addEventListener("change", () => {
      for (const [path, one] of Object.entries(this.pairs)) {
        if (one === heading || path === select.value) delete this.pairs[path];
      }
      if (select.value) this.pairs[select.value] = heading;
      void this.preview();
    });
    return select;
  }

  private problems(seen: Preview): HTMLElement[] {
    if (!seen.problems.length) return [];
    const list = element("ul", "problems");
    for (const one of seen.problems.slice(0, PROBLEMS)) {
      const item = element("li", "", one.row ? `${say("line", { n: one.row })}: ${one.reason} ` : `${one.reason} `);
      item.append(element("small", "", one.hint));
      list.append(item);
    }
    return [list];
  }

  private tools(seen: Preview): HTMLElement {
    const bar = element("div", "tools");
    const label = element("label", "import-good");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = this.goodOnly;
    box.addEventListener("change", () => (this.goodOnly = box.checked));
    label.append(box, say("import_good_only"));
    const start = element("button", "button primary", say("import_start", { n: seen.total }));
    start.type = "button";
    start.disabled = !seen.key.length;
    if (!seen.key.length) toast(say("import_no_key"), "bad");
    start.addEventListener("click", () => void this.begin(start));
    bar.append(start, label);
    return bar;
  }

  private async begin(start: HTMLButtonElement): Promise<void> {
    start.disabled = true;
    try {
      const request = { ...this.request(), good_only: this.goodOnly };
      const job = await json<{ id: string }>(this.page.urls.import!, request);
      location.assign(`${this.page.urls.job}/${job.id}`);
    } catch (error) {
      start.disabled = false;
      toastFailure(error);
    }
  }
}

document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-do=undo-import]");
  if (button) void takeBack(button);
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.dataset.confirm) return;
  event.preventDefault();
  void question({ title: form.dataset.confirm, danger: true }).then((answer) => answer && form.submit());
});

async function takeBack(button: HTMLElement): Promise<void> {
  const answer = await question({ title: button.dataset.confirm ?? "", danger: true });
  if (!answer) return;
  try {
    const job = await send<{ id: string }>(button.dataset.url ?? "", {});
    location.assign(`${button.dataset.jobs}/${job.id}`);
  } catch (error) {
    toastFailure(error);
  }
}

customElements.define("dg-import", ImportForm);
