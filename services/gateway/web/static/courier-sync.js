// Sends what waits, in batches; what each record was answered is kept beside it.

import * as store from "./courier-store.js";

const BATCH = 20;
const BATCH_CHARACTERS = 1_500_000;
const PATIENCE_MS = 30_000;
const HEAVY = ["signature", "code", "national_id", "receiver_name"];
export const WINDOW_H = 72;

// How far this phone's clock is behind the server's, as last seen: what is noted is dated by both.
export async function clockSeen(now, asked, answered) {
  await store.keep("offset_ms", Date.parse(now) - (asked + answered) / 2);
}

export async function moment() {
  const offset = (await store.kept("offset_ms")) ?? 0;
  return new Date(Date.now() + offset).toISOString();
}

export async function fetched(path, options = {}) {
  const asked = Date.now();
  const answer = await fetch(path, {
    redirect: "manual",
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...options,
  });
  if (answer.type === "opaqueredirect") return { trouble: "signed_out" };
  const json = answer.headers.get("content-type")?.includes("json");
  if (!answer.ok || !json) return { trouble: answer.status === 401 ? "signed_out" : "away" };
  const body = await answer.json();
  await clockSeen(body.now, asked, Date.now());
  return { body };
}

function batchOf(waiting) {
  const batch = [];
  let size = 0;
  for (const record of waiting) {
    size += record.signature?.length ?? 0;
    if (batch.length === BATCH || (batch.length && size > BATCH_CHARACTERS)) break;
    batch.push(record);
  }
  return batch;
}

// "sent" when nothing waits any more; else why not.
export async function send(owner) {
  const work = () => sendAll(owner);
  if (!navigator.locks) return work();
  return navigator.locks.request("susa-courier-sync", { ifAvailable: true }, (lock) =>
    lock ? work() : "busy",
  );
}

async function sendAll(owner) {
  for (;;) {
    const waiting = (await store.records(owner)).filter((one) => one.state === "waiting");
    if (!waiting.length) return "sent";
    const batch = batchOf(waiting);
    let told;
    try {
      told = await fetched("/portal/courier/sync", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ records: batch }),
      });
    } catch {
      return "offline";
    }
    if (told.trouble) return told.trouble;
    const results = new Map(told.body.results.map((result) => [result.key, result]));
    let later = false;
    for (const record of batch) {
      const result = results.get(record.key);
      if (result === undefined || result.state === "later") {
        later = true;
      } else {
        await store.put(answered(record, result));
      }
    }
    if (later) return "away";
  }
}

// Who signed, and with what, does not stay on the phone once the post has it.
function answered(record, result) {
  const kept = { ...record, state: result.state, code_of: result.code, detail: result.detail };
  kept.followed = result.action;
  kept.answered_at = new Date().toISOString();
  if (result.state === "done") for (const name of HEAVY) delete kept[name];
  return kept;
}

// Records answered long ago go; those that wait never do by themselves.
export async function forget(owner) {
  const before = Date.now() - WINDOW_H * 3_600_000;
  for (const record of await store.records(owner)) {
    if (record.state === "done" && Date.parse(record.at) < before) await store.remove(record.key);
  }
}
