/**
 * `<dg-document>`: one record being filled in. It keeps the values, computes the formulas at every
 * change, asks the server for what only it knows (defaults, checks), saves, and acts.
 */

import { merge, question } from "../core/dialog.ts";
import { hotkey } from "../core/hotkeys.ts";
import { RefusedByServer, send, type Problem } from "../core/requests.ts";
import { toastFailure, toastNext } from "../core/toast.ts";
import { say } from "../core/words.ts";
import type { Candidate } from "../fields/hits.ts";
import type { ActionModel, FieldModel, FormModel, GridModel, Title, Value } from "../fields/models.ts";
import type { Host } from "../lines/data.ts";
import type { LinesGrid } from "../lines/grid.ts";
import type { Row } from "../lines/rows.ts";
import { applyFlags, compute, type Flags, type State } from "./compute.ts";
import { changeBody, proposalBody, valuesFor } from "./body.ts";
import { Header } from "./header.ts";
import { ProblemList } from "./problems.ts";

const PROPOSE_AFTER = 220;

function newAttempt(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Saved {
  id: string;
  version: number;
  url: string;
  warnings: Problem[];
}

interface Proposal {
  record: Record<string, Value>;
  titles: Record<string, Title>;
  lines: Record<string, { values: Record<string, Value>; titles: Record<string, Title> }[]>;
  flags: Record<string, Flags>;
  problems: Problem[];
}

export class DocumentForm extends HTMLElement implements Host {
  private model!: FormModel;
  private header!: Header;
  private grids: LinesGrid[] = [];
  private told!: ProblemList;
  private dirty = false;
  private saving = false;
  private timer = 0;
  private turn = 0;
  /** Names this attempt to create, so that pressing twice creates once. */
  private attempt = newAttempt();
  private proposing: Promise<void> | null = null;
  private readonly leaving = (event: BeforeUnloadEvent): void => {
    if (this.dirty) event.preventDefault();
  };

  get today(): string {
    return this.model.scope.today;
  }

  connectedCallback(): void {
    const island = this.querySelector(":scope > script");
    if (!island?.textContent) return;
    this.model = JSON.parse(island.textContent) as FormModel;
    this.header = new Header(
      this,
      this.model,
      (field) => this.headerChanged(field),
      (field) => this.lookupUrl(field.path, null),
    );
    this.grids = [...this.querySelectorAll<LinesGrid>("dg-lines[data-grid]")];
    for (const grid of this.grids) {
      const model = this.model.grids[grid.dataset.grid ?? ""];
      if (model) grid.start(model, this);
    }
    this.told = new ProblemList(this, this.header, this.grids, this.model);
    this.addEventListener("click", (event) => this.clicked(event));
    addEventListener("beforeunload", this.leaving);
    this.recompute();
    if (!this.model.id) this.firstInput()?.focus();
    performance.mark("document-ready");
  }

  disconnectedCallback(): void {
    removeEventListener("beforeunload", this.leaving);
  }

  // --- the host of the line grids ---------------------------------------------------------------

  lookup(grid: GridModel, field: FieldModel, row: Row): string {
    return this.lookupUrl(`${grid.name}.${field.name}`, row);
  }

  changed(_grid: GridModel): void {
    this.markDirty();
    this.recompute();
    this.propose();
  }

  async resolve(grid: GridModel, field: FieldModel, texts: string[]): Promise<(Candidate | null)[]> {
    const url = this.lookupUrl(`${grid.name}.${field.name}`, null);
    const answer = await send<{ found: (Candidate | null)[] }>(url, { texts });
    return answer.found;
  }

  // --- computing --------------------------------------------------------------------------------

  private get state(): State {
    return { model: this.model, header: this.header, grids: this.grids };
  }

  private recompute(): void {
    compute(this.state);
  }

  private headerChanged(_field: FieldModel): void {
    this.markDirty();
    this.recompute();
    for (const grid of this.grids) grid.draw();
    this.propose();
  }

  private lookupUrl(path: string, row: Row | null): string {
    const values = valuesFor(this.state, row);
    const query = new URLSearchParams({ path, values: JSON.stringify(values) });
    return `${this.model.urls.lookup}?${query}`;
  }

  /** Ask the server soon for what follows from what was typed. */
  private propose(): void {
    if (!this.model.urls.propose) return;
    clearTimeout(this.timer);
    const turn = ++this.turn;
    this.proposing = new Promise((resolve) => {
      this.timer = window.setTimeout(() => void this.askProposal(turn).finally(resolve), PROPOSE_AFTER);
    });
  }

  private async askProposal(turn: number): Promise<void> {
    const rows = this.grids.map((grid) => [...grid.rows]);
    try {
      const proposal = await send<Proposal>(this.model.urls.propose!, {
        id: this.model.id,
        record: proposalBody(this.state),
      });
      if (turn === this.turn) this.takeProposal(proposal, rows);
    } catch (error) {
      if (!(error instanceof RefusedByServer)) toastFailure(error);
    }
  }

  private takeProposal(proposal: Proposal, rows: Row[][]): void {
    for (const [name, value] of Object.entries(proposal.record)) {
      if (this.header.touched.has(name) || name in this.model.grids) continue;
      this.header.put(name, value, proposal.titles[name]);
    }
    this.grids.forEach((grid, index) => {
      const lines = proposal.lines[grid.name] ?? [];
      const sent = rows[index]?.filter((row) => row.touched.size > 0 || row.id) ?? [];
      sent.forEach((row, at) => {
        const line = lines[at];
        if (!line) return;
        for (const [name, value] of Object.entries(line.values)) {
          if (row.touched.has(name) || row.waiting.has(name)) continue;
          row.values[name] = value;
          if (line.titles[name] !== undefined) row.titles[name] = line.titles[name];
        }
      });
    });
    applyFlags(this.state, proposal.flags);
    this.recompute();
    this.told.hint(proposal.problems);
    for (const grid of this.grids) grid.draw();
  }

  // --- saving and acting ------------------------------------------------------------------------

  /** Save; returns whether it was saved. */
  async save(): Promise<boolean> {
    if (this.saving || !this.model.may.save) return false;
    this.header.readFocused();
    for (const grid of this.grids) grid.commit();
    this.saving = true;
    this.status(say("saving"));
    try {
      await this.settled();
      if (this.told.showLocal()) return false;
      const saved = await this.sendSave(this.model.version);
      if (!saved) return false;
      this.dirty = false;
      toastNext(say("saved"));
      await this.reopen(saved);
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    } finally {
      this.saving = false;
      if (this.isConnected && this.dirty) this.status(say("dirty"), true);
    }
  }

  /** Wait until look-ups and proposals under way have answered. */
  private async settled(): Promise<void> {
    const deadline = performance.now() + 4000;
    const waiting = (): boolean => this.grids.some((grid) => grid.rows.some((row) => row.waiting.size));
    while (waiting() && performance.now() < deadline) await new Promise((next) => setTimeout(next, 30));
    await this.proposing;
  }

  private async sendSave(version: number): Promise<Saved | null> {
    const record = changeBody(this.state);
    try {
      const body = version ? { version, record } : { record };
      return await send<Saved>(this.model.urls.save!, body, { "Idempotency-Key": this.attempt });
    } catch (error) {
      if (!(error instanceof RefusedByServer) || error.status !== 409 || !error.differences.length) throw error;
      return this.resolveConflict(error);
    }
  }

  private async resolveConflict(error: RefusedByServer): Promise<Saved | null> {
    const mine = await merge(
      error.differences.map((one) => ({ label: one.label, mine: one.yours, theirs: one.theirs })),
    );
    if (!mine) {
      this.dirty = false;
      location.reload();
      return null;
    }
    error.differences.forEach((one, index) => {
      if (!mine[index]) this.takeTheirs(one.field, one.value as Value);
    });
    return this.sendSave(error.version);
  }

  /** Let the other person's value stand: of the header, or of a stored line (`items.18.qty`). */
  private takeTheirs(path: string, value: Value): void {
    const [first = "", id, name = ""] = path.split(".");
    if (id === undefined) {
      this.header.touched.delete(first);
      this.header.put(first, value);
      return;
    }
    const row = this.grids.find((grid) => grid.name === first)?.rows.find((one) => one.id === id);
    row?.touched.delete(name);
    if (row) row.values[name] = value;
  }

  private async reopen(saved: { url: string }): Promise<void> {
    location.assign(saved.url);
    await new Promise(() => undefined);
  }

  private async act(name: string): Promise<void> {
    const action = this.model.actions.find((one) => one.name === name);
    if (!action || this.saving) return;
    const answer = await this.agree(action);
    if (!answer) return;
    this.header.readFocused();
    for (const grid of this.grids) grid.commit();
    this.saving = true;
    this.status(say("saving"));
    try {
      await this.settled();
      if (this.told.showLocal()) return;
      let version = this.model.version;
      let url = action.url;
      if (this.dirty || !this.model.id) {
        const saved = await this.sendSave(version);
        if (!saved) return;
        version = saved.version;
        url = url.replace("/new/", `/${saved.id}/`);
        this.model = { ...this.model, id: saved.id, version };
        this.dirty = false;
      }
      const done = await send<Saved>(url, { version, reason: answer.reason });
      toastNext([say("done", { label: action.label }), ...done.warnings.map((one) => one.message)].join("\n"));
      await this.reopen(done);
    } catch (error) {
      this.failed(error);
    } finally {
      this.saving = false;
    }
  }

  private agree(action: ActionModel): Promise<{ reason: string } | null> {
    if (!action.confirm && !action.reason) return Promise.resolve({ reason: "" });
    return question({
      title: action.confirm || action.label,
      reason: action.reason,
      confirm: action.label,
      danger: action.tone === "danger",
    });
  }

  private async deleteRecord(): Promise<void> {
    const asked = this.model.urls.delete_confirm ?? "";
    const answer = await question({ title: asked, danger: true });
    if (!answer) return;
    try {
      await send(this.model.urls.delete!, { version: this.model.version });
      this.dirty = false;
      location.assign(this.model.urls.list!);
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    this.status(this.dirty ? say("dirty") : "", this.dirty);
    if (error instanceof RefusedByServer && error.problems.length && error.status !== 401) {
      this.told.show(error.problems);
    } else toastFailure(error);
  }

  // --- the page ---------------------------------------------------------------------------------

  private clicked(event: Event): void {
    const doing = (event.target as HTMLElement).closest<HTMLElement>("[data-do]");
    if (doing?.dataset.do === "save") void this.save();
    if (doing?.dataset.do === "act") void this.act(doing.dataset.action ?? "");
    if (doing?.dataset.do === "delete") void this.deleteRecord();
  }

  /** Do the first action: what Ctrl+Enter means. */
  submit(): void {
    const first = this.model.actions.find((action) => action.tone !== "danger");
    if (first) void this.act(first.name);
    else void this.save();
  }

  private firstInput(): HTMLElement | null {
    return this.querySelector<HTMLElement>(
      ".fields .input:not([readonly]):not([disabled]), .fields .select:not([disabled])",
    );
  }

  private markDirty(): void {
    this.dirty = true;
    this.attempt = newAttempt();
    this.status(say("dirty"), true);
  }

  private status(text: string, dirty = false): void {
    const shown = this.querySelector("[data-status]");
    if (!shown) return;
    shown.textContent = text;
    shown.classList.toggle("dirty", dirty);
  }
}

const here = (): DocumentForm | null => document.querySelector("dg-document");
hotkey("ctrl+s", "key_save", () => void here()?.save(), () => here() !== null);
hotkey("ctrl+enter", "key_submit", () => here()?.submit(), () => here() !== null);

customElements.define("dg-document", DocumentForm);
