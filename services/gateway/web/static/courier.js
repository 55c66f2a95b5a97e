// The courier's page: the day's run from the phone's own memory, and what is noted at each stop.

import * as store from "./courier-store.js";
import { stopDialog, plain } from "./courier-stop.js";
import { WINDOW_H, fetched, forget, moment, send } from "./courier-sync.js";

const page = document.querySelector("#courier");
const words = JSON.parse(document.querySelector("#words").textContent);
const { account, lang } = page.dataset;
const locale = lang === "fa" ? "fa-IR" : "en-GB";
const number = new Intl.NumberFormat(locale);
const time = new Intl.DateTimeFormat(locale, {
  timeZone: "Asia/Tehran",
  hour: "2-digit",
  minute: "2-digit",
});
const EVERY_MS = 30_000;
const AGAIN_MS = 1_000;
const digits = (text) =>
  lang === "fa" ? text.replace(/\d/g, (d) => String.fromCharCode(0x6f0 + Number(d))) : text;
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const part = (name, within = page) => within.querySelector(`[data-part="${name}"]`);

let run = null;
let state = "";
let opened = null;

const dialog = document.querySelector("#stop");
const open = stopDialog(dialog, words, noted);

async function noted(fields) {
  const at = new Date().toISOString();
  const record = { ...fields, key: crypto.randomUUID(), owner: account, state: "waiting", at };
  record.occurred_at = await moment();
  await store.put(record);
  await show();
  sync();
}

function badge(kind, text) {
  const made = document.createElement("span");
  made.className = `badge ${kind}`;
  made.textContent = text;
  return made;
}

// What a record says of its stop, before the post has said it.
function standing(stop, record) {
  if (record && record.state !== "done") {
    const kind = record.state === "waiting" ? "warn" : "bad";
    return [kind, words[`${record.state}_${record.kind}`]];
  }
  const done = record && stop.outcome === "open" && Date.parse(record.answered_at) > loadedAt;
  const outcome = done ? (record.kind === "delivery" ? "delivered" : "failed") : stop.outcome;
  const kinds = { open: "plain", failed: "warn", delivered: "ok", handed_back: "info" };
  return [kinds[outcome], words[`outcome_${outcome}`], outcome];
}

function facts(stop) {
  const made = [];
  const due = stop.cod_rials + stop.postage_rials;
  if (due) made.push(badge("warn", filled(words.collect, { rials: number.format(due) })));
  if (stop.national_card) made.push(badge("info", words.national_card));
  if (stop.addressee_only) made.push(badge("info", words.addressee_only));
  return made;
}

function row(stop, record) {
  const made = document.querySelector("#stop-row").content.cloneNode(true);
  const button = made.querySelector("button");
  const [kind, text, outcome] = standing(stop, record);
  part("n", made).textContent = number.format(stop.position);
  part("who", made).textContent = stop.recipient?.name ?? words.no_name;
  part("where", made).textContent = stop.recipient?.address ?? stop.town ?? "";
  part("code", made).textContent = stop.barcode;
  part("marks", made).append(badge(kind, text), ...facts(stop));
  if (record?.state === "refused") part("why", made).textContent = why(record);
  button.classList.toggle("over", outcome === "delivered" || outcome === "handed_back");
  button.dataset.code = stop.barcode;
  button.addEventListener("click", () => openStop(stop));
  return made;
}

const why = (record) => words[`problem_${record.code_of}`] ?? record.detail ?? "";

async function openStop(stop) {
  opened = stop;
  const last = (await latest()).get(stop.barcode);
  part("title", dialog).textContent = stop.recipient?.name ?? words.no_name;
  part("number", dialog).textContent = stop.barcode;
  part("address", dialog).textContent = stop.recipient?.address ?? "";
  const phone = part("phone", dialog);
  phone.hidden = !stop.recipient;
  if (stop.recipient) {
    phone.href = `tel:${stop.recipient.phone}`;
    phone.textContent = digits(stop.recipient.phone);
  }
  part("facts", dialog).replaceChildren(...facts(stop));
  const refused = part("refused", dialog);
  refused.hidden = last?.state !== "refused";
  refused.querySelector("p").textContent = last?.state === "refused" ? why(last) : "";
  const over = stop.outcome === "delivered" || stop.outcome === "handed_back";
  part("over", dialog).hidden = !over;
  part("form", dialog).hidden = over;
  open(stop);
}

// The last record of each parcel.
async function latest() {
  return new Map((await store.records(account)).map((record) => [record.barcode, record]));
}

async function show() {
  const every = await store.records(account);
  const last = new Map(every.map((record) => [record.barcode, record]));
  const stops = run?.stops ?? [];
  const wanted = plain(part("find").value).replace(/\s/g, "");
  const shown = stops.filter((stop) => !wanted || stop.barcode.includes(wanted));
  part("stops").replaceChildren(...shown.map((stop) => row(stop, last.get(stop.barcode))));
  part("none").hidden = stops.length > 0;
  part("run").hidden = !stops.length;
  const left = stops.filter((stop) => {
    const outcome = standing(stop, last.get(stop.barcode))[2];
    return outcome === "open";
  });
  part("left").textContent = filled(words.left, {
    left: number.format(left.length),
    all: number.format(stops.length),
  });
  showQueue(every);
}

function showQueue(every) {
  const waiting = every.filter((record) => record.state === "waiting");
  const refused = every.filter((record) => record.state === "refused");
  const bar = part("queue");
  const shown = waiting.length ? (navigator.onLine ? state || "sending" : "offline") : "sent";
  const told = refused.length && !waiting.length ? "refused" : shown;
  bar.dataset.state = told;
  const oldest = waiting[0] && Date.parse(waiting[0].at) + WINDOW_H * 3_600_000;
  part("state").textContent = filled(words[`state_${told}`] ?? words.state_away, {
    n: number.format(waiting.length || refused.length),
    h: oldest ? number.format(Math.max(0, Math.floor((oldest - Date.now()) / 3_600_000))) : "",
  });
  part("sign-in").hidden = shown !== "signed_out";
  const list = part("records");
  list.replaceChildren(...every.slice().reverse().map(entry));
  part("log").hidden = !every.length;
  part("count").textContent = number.format(every.length);
}

// How one record fared, to be read one by one.
function entry(record) {
  const made = document.querySelector("#record-row").content.cloneNode(true);
  const kinds = { waiting: "warn", refused: "bad", done: "ok" };
  part("what", made).textContent = words[`kind_${record.kind}`];
  part("code", made).textContent = record.barcode;
  part("at", made).textContent = time.format(new Date(record.at));
  part("fared", made).append(badge(kinds[record.state], words[`record_${record.state}`]));
  part("why", made).textContent = record.state === "refused" ? why(record) : "";
  const drop = part("drop", made);
  drop.hidden = record.state !== "refused";
  drop.addEventListener("click", async () => {
    await store.remove(record.key);
    await show();
  });
  return made;
}

let loadedAt = 0;

async function load() {
  try {
    const told = await fetched("/portal/courier/run.json");
    if (told.trouble) {
      state = told.trouble;
      return;
    }
    run = told.body.run;
    loadedAt = Date.now();
    await store.keep("run", { account, run, loadedAt });
  } catch {
    state = "offline";
  }
}

async function sync() {
  try {
    const before = (await store.records(account)).filter((one) => one.state === "waiting").length;
    state = "sending";
    await show();
    state = await send(account);
    if (state === "sent" && before) await load();
  } finally {
    again(); // a phone with no room fails to note what was answered, and is tried again all the same
  }
  await show();
}

// A phone says that it is online before anything gets through: what failed is sent again soon.
let timer = 0;
let pause = AGAIN_MS;

function again() {
  clearTimeout(timer);
  if (state === "sent") pause = AGAIN_MS;
  timer = setTimeout(next, state === "sent" ? EVERY_MS : pause);
  pause = Math.min(pause * 2, EVERY_MS);
}

function next() {
  if (navigator.onLine) sync();
  else again();
}

async function start() {
  await forget(account);
  const known = await store.kept("run");
  if (known?.account === account) {
    ({ run, loadedAt } = known);
    if (run) part("seen").textContent = time.format(new Date(loadedAt));
  } else if (known) {
    await store.keep("run", null); // another's run is not for these eyes
  }
  await show();
  await sync();
  await load();
  if (loadedAt) part("seen").textContent = time.format(new Date(loadedAt));
  await show();
}

part("find").addEventListener("input", show);
part("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = plain(part("find").value).replace(/\s/g, "");
  const found = (run?.stops ?? []).filter((stop) => code && stop.barcode.includes(code));
  part("not-found").hidden = found.length === 1;
  if (found.length !== 1) return;
  part("find").value = "";
  show();
  openStop(found[0]);
});
part("send").addEventListener("click", async () => {
  await sync();
  await load();
  await show();
});
dialog.addEventListener("close", () => {
  const row = opened && page.querySelector(`[data-code="${opened.barcode}"]`);
  row?.focus();
});
window.addEventListener("online", () => {
  pause = AGAIN_MS;
  sync();
});
window.addEventListener("offline", show);
document.addEventListener("visibilitychange", () => document.hidden || sync());
navigator.storage?.persist?.();
if ("serviceWorker" in navigator) {
  const scope = "/portal/courier";
  navigator.serviceWorker.register(`${scope}/worker.js`, { scope }).catch(() => null);
  navigator.serviceWorker.ready.then(async () => {
    const kept = Boolean(await caches.match(scope));
    page.dataset.offline = kept ? "ready" : "no";
    part("works-offline").hidden = !kept;
  });
}
start();
