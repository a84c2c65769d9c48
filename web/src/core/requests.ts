/** Talking with the server: JSON there and back, with the token that proves the page is ours. */

import { shell } from "./words.ts";

export interface Problem {
  path: string;
  message: string;
  fix: string;
  level: "stop" | "warn";
  code: string;
}

export interface Difference {
  field: string;
  label: string;
  yours: string;
  theirs: string;
  value: unknown;
}

/** An answer that refuses; `problems` say why. */
export class RefusedByServer extends Error {
  constructor(
    readonly status: number,
    readonly problems: Problem[],
    readonly differences: Difference[] = [],
    readonly version = 0,
  ) {
    super(problems.map((problem) => problem.message).join(" "));
  }
}

/** Send JSON and return the answer. Throws RefusedByServer, or TypeError without a connection. */
export async function send<T>(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": shell.csrf, ...headers },
    body: JSON.stringify(body),
    signal,
  });
  return readAnswer<T>(response);
}

/** Ask for JSON. Throws RefusedByServer, or TypeError without a connection. */
export async function ask<T>(url: string, signal?: AbortSignal): Promise<T> {
  return readAnswer<T>(await fetch(url, { headers: { Accept: "application/json" }, signal }));
}

async function readAnswer<T>(response: Response): Promise<T> {
  const type = response.headers.get("Content-Type") ?? "";
  const body: unknown = type.includes("json") ? await response.json() : {};
  if (response.ok) return body as T;
  const told = body as { problems?: Problem[]; differences?: Difference[]; version?: number };
  throw new RefusedByServer(response.status, told.problems ?? [], told.differences, told.version);
}
