/** Lists: a row cursor for the keyboard, choosing rows, acting on many of them. */

import { question } from "./dialog.ts";
import { hotkey } from "./hotkeys.ts";
import { send, type Problem } from "./requests.ts";
import { toast, toastFailure } from "./toast.ts";
import { say } from "./words.ts";

const list = (): HTMLElement | null => document.getElementById("list");
const rows = (): HTMLTableRowElement[] => [
  ...(list()?.querySelectorAll<HTMLTableRowElement>("tbody tr[data-id]") ?? []),
];

function move(step: number): void {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row.classList.contains("here"));
  all[here]?.classList.remove("here");
  const next = all[Math.max(0, Math.min(all.length - 1, here + step))];
  next?.classList.add("here");
  next?.scrollIntoView({ block: "nearest" });
}

const current = (): HTMLTableRowElement | undefined => rows().find((row) => row.classList.contains("here"));

function openRow(row: HTMLTableRowElement | undefined): void {
  row?.querySelector<HTMLAnchorElement>("a[data-open]")?.click();
}

function showChosen(): void {
  const chosen = rows().filter((row) => row.querySelector<HTMLInputElement>(".pick input")?.checked);
  for (const row of rows()) row.classList.toggle("chosen", chosen.includes(row));
  const bar = list()?.querySelector<HTMLElement>(".bulk");
  if (!bar) return;
  bar.hidden = !chosen.length;
  const count = bar.querySelector("[data-count]");
  if (count) count.textContent = say("selected", { n: chosen.length });
  const all = list()?.querySelector<HTMLInputElement>("[data-do=pick-all]");
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === rows().length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
}

interface BulkAnswer {
  done: number;
  refused: { id: string; title: string; problems: Problem[] }[];
}

async function bulk(button: HTMLElement): Promise<void> {
  const bar = button.closest<HTMLElement>("[data-bulk]");
  const chosen = rows().filter((row) => row.classList.contains("chosen"));
  if (!bar?.dataset.bulk || !chosen.length) return;
  const { action = "", confirm = "", reason = "" } = button.dataset;
  let body: Record<string, unknown> = {};
  if (confirm || reason) {
    const answer = await question({
      title: confirm || button.textContent || "",
      reason: reason as "" | "optional" | "required",
    });
    if (!answer) return;
    body = { reason: answer.reason };
  }
  const records = chosen.map((row) => ({
    id: row.dataset.id,
    version: Number(row.dataset.version),
    title: row.querySelector("a[data-open]")?.textContent ?? "",
  }));
  try {
    const answer = await send<BulkAnswer>(`${bar.dataset.bulk}/${action}`, { ...body, records });
    const failed = answer.refused.length;
    const told = answer.refused
      .slice(0, 3)
      .map((one) => `${one.title}: ${one.problems.map((problem) => problem.message).join(" ")}`);
    const summary = failed
      ? say("bulk_some", { done: answer.done, failed })
      : say("bulk_done", { done: answer.done });
    toast([summary, ...told].join("\n"), failed ? "bad" : "good");
    refresh();
  } catch (error) {
    toastFailure(error);
  }
}

/** Ask for the list again as its address stands. */
function refresh(): void {
  document.querySelector<HTMLFormElement>("#list form.filters")?.requestSubmit();
}

document.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const doing = target.closest<HTMLElement>("[data-do]");
  if (doing?.dataset.do === "bulk") void bulk(doing);
  if (doing?.dataset.do === "pick-all") {
    const on = (doing as HTMLInputElement).checked;
    for (const box of list()?.querySelectorAll<HTMLInputElement>("tbody .pick input") ?? []) box.checked = on;
  }
  if (target.closest("#list .pick")) showChosen();
  const row = target.closest<HTMLTableRowElement>("#list tbody tr[data-id]");
  if (row && !target.closest("a, input, button, .pick") && !getSelection()?.toString()) openRow(row);
});

document.addEventListener("htmx:after:swap", showChosen);

const onList = (): boolean => list() !== null;
hotkey("/", "key_filter", () => document.getElementById("list-search")?.focus(), onList);
hotkey("n", "key_new", () => list()?.querySelector<HTMLElement>("[data-key=n]")?.click(), onList);
hotkey("j", "key_next", () => move(1), onList);
hotkey("k", "key_previous", () => move(-1), onList);
hotkey("arrowdown", "", () => move(1), onList);
hotkey("arrowup", "", () => move(-1), onList);
hotkey("enter", "key_open", () => openRow(current()), () => onList() && current() !== undefined);
hotkey("x", "key_select", () => current()?.querySelector<HTMLInputElement>(".pick input")?.click(), onList);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (event.target as HTMLElement).id === "list-search") {
    (event.target as HTMLElement).blur();
  }
});
