/** Short messages that come and go at the corner of the page. */

import { say } from "./words.ts";
import { RefusedByServer } from "./requests.ts";

const KEPT = "dougong-toast";

/** Show a message for a few seconds. */
export function toast(text: string, tone: "good" | "bad" = "good"): void {
  const place = document.querySelector(".toasts");
  if (!place) return;
  const shown = document.createElement("div");
  shown.className = tone === "bad" ? "toast bad" : "toast";
  shown.textContent = text;
  place.append(shown);
  setTimeout(() => shown.remove(), tone === "bad" ? 7000 : 3200);
}

/** Say why something failed: the server's own words, else that the connection is gone. */
export function toastFailure(error: unknown): void {
  if (error instanceof RefusedByServer && error.status === 401) return toast(say("signed_out"), "bad");
  const told = error instanceof RefusedByServer && error.problems.length ? error.message : say("failed");
  toast(told, "bad");
  if (!(error instanceof RefusedByServer)) console.warn(error);
}

/** Keep a message for the page that opens next. */
export function toastNext(text: string): void {
  sessionStorage.setItem(KEPT, text);
}

/** Show what the page before has kept. */
export function showKept(): void {
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (text) toast(text);
}
