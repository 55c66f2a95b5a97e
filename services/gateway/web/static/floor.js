// Counters and sorting: what works without this works faster with it.

// A form for a scanner: each number is sent on Enter, its row comes on top, the field is empty again.
function scanLoop(form) {
  const rows = document.querySelector(form.dataset.scan);
  const field = form.querySelector("[data-code]");
  let last = Promise.resolve();

  const send = async (data) => {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(data),
      credentials: "same-origin",
    });
    if (answer.redirected) {
      window.location.assign(answer.url);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const came = page.querySelector(form.dataset.scan);
    if (!came) throw new Error(answer.statusText);
    rows.prepend(...came.children);
    for (const other of document.querySelectorAll("[data-fresh]")) {
      const fresh = page.getElementById(other.id);
      if (fresh) other.replaceWith(fresh);
    }
  };
  form.addEventListener("submit", (event) => {
    if (!field.value.trim()) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    form.elements.key.value = crypto.randomUUID();
    field.value = "";
    field.focus();
    form.querySelector("[data-trouble]").hidden = true;
    form.setAttribute("aria-busy", "true");
    // One after the other: a scanner is faster than the network, and rows keep their order.
    last = last.then(() => send(data)).catch(() => {
      field.value ||= data.get(field.name);
      form.elements.key.value = data.get("key"); // sent again, it is the same scan
      form.querySelector("[data-trouble]").hidden = false;
    });
    last.finally(() => form.removeAttribute("aria-busy"));
  });
  field.focus();
}

// A field that numbers are scanned into, one a line: the list beside it shows what was found.
function checklist(field) {
  const rows = [...document.querySelectorAll(`${field.dataset.checks} [data-code]`)];
  const tally = document.querySelector(field.dataset.tally);
  const plain = (text) =>
    text
      .replace(/[\u06f0-\u06f9\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
      .replace(/[^0-9A-Za-z]/g, "")
      .toUpperCase();
  const check = () => {
    const found = new Set(field.value.split("\n").map(plain));
    let here = 0;
    for (const row of rows) {
      const is = found.has(row.dataset.code);
      row.classList.toggle("found", is);
      here += is ? 1 : 0;
    }
    if (tally) {
      const digits = new Intl.NumberFormat(document.documentElement.lang === "fa" ? "fa-IR" : "en");
      tally.textContent = tally.dataset.text
        .replace("{here}", digits.format(here))
        .replace("{all}", digits.format(rows.length));
    }
  };
  field.addEventListener("input", check);
  check();
}

// The sender of the last parcel, for the next of the same; in this tab only.
function sameSender(form) {
  const fields = [...form.elements].filter((field) => field.name?.startsWith("sender_"));
  const again = form.querySelector("[data-same]");
  const kept = () => JSON.parse(sessionStorage.getItem("sender") ?? "null");
  form.addEventListener("submit", () => {
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    sessionStorage.setItem("sender", JSON.stringify(values));
  });
  again.hidden = !kept() || fields.some((field) => field.value);
  again.addEventListener("click", () => {
    for (const [name, value] of Object.entries(kept())) form.elements[name].value = value;
    again.hidden = true;
    form.elements.recipient_name.focus();
  });
}

for (const form of document.querySelectorAll("form[data-scan]")) scanLoop(form);
for (const field of document.querySelectorAll("[data-checks]")) checklist(field);
for (const form of document.querySelectorAll("form[data-booking]")) sameSender(form);
