// One stop: what happened there, with its proof, as a record for the queue.

const DIGITS = /[\u06f0-\u06f9\u0660-\u0669]/g;

export const plain = (text) =>
  text.replace(DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf)).trim();

// The check digit of a national number: as the API checks it, so that few come back refused.
export function isNationalId(text) {
  if (!/^\d{10}$/.test(text) || /^(\d)\1{9}$/.test(text)) return false;
  const sum = [...text.slice(0, 9)].reduce((all, digit, n) => all + Number(digit) * (10 - n), 0);
  const rest = sum % 11;
  return Number(text[9]) === (rest < 2 ? rest : 11 - rest);
}

// A pad to sign on: `blank()` tells whether anything is on it, `image()` is its PNG in base64.
export function signaturePad(canvas) {
  const pen = canvas.getContext("2d");
  let strokes = 0;
  let from = null;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * canvas.width) / box.width,
      ((event.clientY - box.top) * canvas.height) / box.height,
    ];
  };
  const clear = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    strokes = 0;
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    from = at(event);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = at(event);
    pen.strokeStyle = "#111";
    pen.lineWidth = 4;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
    from = to;
    strokes += 1;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      from = null;
    });
  }
  clear();
  return {
    clear,
    blank: () => strokes < 3,
    image: () => canvas.toDataURL("image/png").split(",", 2)[1],
  };
}

// The dialog of a stop. `noted` gets the fields of a record; what is wrong is said in the form.
export function stopDialog(dialog, words, noted) {
  const form = dialog.querySelector("form");
  const pad = signaturePad(dialog.querySelector("canvas"));
  const wrong = dialog.querySelector("[data-wrong]");
  const actions = form.elements.action;
  const every = [...actions.options].map((option) => option.cloneNode(true));
  let stop = null;
  let reasonBefore = null;

  const show = () => {
    const kind = form.elements.kind.value;
    for (const part of dialog.querySelectorAll("[data-kind]")) {
      part.hidden = part.dataset.kind !== kind;
    }
    for (const part of dialog.querySelectorAll("[data-method]")) {
      part.hidden = part.dataset.method !== form.elements.method.value;
    }
    dialog.querySelector("[data-card]").hidden =
      !stop?.national_card && form.elements.method.value !== "national_id";
    const reason = form.elements.reason.selectedOptions[0];
    const may = (reason?.dataset.actions ?? "").split(" ");
    const chosen = reason === reasonBefore ? actions.value : "";
    reasonBefore = reason;
    const fitting = may.map((code) => every.find((option) => option.value === code));
    actions.replaceChildren(...fitting.filter(Boolean).map((option) => option.cloneNode(true)));
    if (may.includes(chosen)) actions.value = chosen;
  };
  form.addEventListener("change", show);
  dialog.querySelector("[data-clear]").addEventListener("click", pad.clear);
  for (const close of dialog.querySelectorAll("[data-close]")) {
    close.addEventListener("click", () => dialog.close());
  }

  const delivery = () => {
    const method = form.elements.method.value;
    const made = { kind: "delivery", method, receiver: form.elements.receiver.value };
    const name = form.elements.receiver_name.value.trim();
    if (name) made.receiver_name = name;
    if (method === "code") {
      made.code = plain(form.elements.code.value).replace(/\s/g, "");
      if (!/^\d{6}$/.test(made.code)) throw new Error("code");
    }
    if (method === "signature") {
      if (pad.blank()) throw new Error("signature");
      made.signature = pad.image();
    }
    if (method === "national_id" || stop.national_card) {
      made.national_id = plain(form.elements.national_id.value).replace(/\s/g, "");
      made.national_card_seen = form.elements.national_card_seen.checked;
      if (!isNationalId(made.national_id)) throw new Error("national_id");
      if (stop.national_card && !made.national_card_seen) throw new Error("card");
    }
    return made;
  };
  const attempt = () => ({
    kind: "attempt",
    reason: form.elements.reason.value,
    action: actions.value,
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let made;
    try {
      made = form.elements.kind.value === "delivery" ? delivery() : attempt();
    } catch (error) {
      wrong.textContent = words[`wrong_${error.message}`] ?? error.message;
      wrong.hidden = false;
      return;
    }
    await noted({ ...made, barcode: stop.barcode });
    dialog.close();
  });

  return (chosen) => {
    stop = chosen;
    form.reset();
    pad.clear();
    wrong.hidden = true;
    for (const option of form.elements.receiver.options) {
      option.disabled = stop.addressee_only && option.value !== "recipient";
    }
    show();
    dialog.showModal();
  };
}
