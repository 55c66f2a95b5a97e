// Signing in on a device: its private key is made here, never leaves, and signs each challenge.
const algorithm = { name: "ECDSA", namedCurve: "P-256" };

function store() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("susa-device", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function within(mode, work) {
  const keys = (await store()).transaction("keys", mode).objectStore("keys");
  return new Promise((resolve, reject) => {
    const asked = work(keys);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

const get = (name) => within("readonly", (keys) => keys.get(name));
const put = (name, value) => within("readwrite", (keys) => keys.put(value, name));

const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const utf8 = (text) => new TextEncoder().encode(text);

// A compact JWS (RFC 7515) over the challenge.
async function assertion(key, challenge) {
  const signed = `${base64url(utf8('{"alg":"ES256"}'))}.${base64url(utf8(challenge))}`;
  const hashed = { name: "ECDSA", hash: "SHA-256" };
  return `${signed}.${base64url(await crypto.subtle.sign(hashed, key, utf8(signed)))}`;
}

async function challengeOf(device) {
  const answer = await fetch(`/v1/devices/${device}/challenges`, { method: "POST" });
  if (!answer.ok) throw new Error(`challenge: ${answer.status}`);
  return (await answer.json()).challenge;
}

// The form is sent once, by its own submit(), when its hidden fields are filled.
function filled(form, fill) {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await fill(form.elements);
      form.submit();
    } catch (error) {
      console.error(error);
      const failed = document.getElementById("failed");
      if (failed) failed.hidden = false;
      button.disabled = false;
    }
  });
}

filled(document.getElementById("device-enrol"), async (elements) => {
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign"]);
  await put("pending", pair.privateKey);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  elements.public_key.value = JSON.stringify({ kty, crv, x, y });
});

const enrolled = document.getElementById("enrolled");
if (enrolled) {
  const { device, name } = enrolled.dataset;
  await put("device", { id: device, name, key: await get("pending") });
  enrolled.dataset.kept = "yes";
}

const signIn = document.getElementById("device-sign-in");
if (signIn) {
  const known = await get("device");
  document.getElementById("unknown").hidden = Boolean(known);
  if (known) document.getElementById("device-name").textContent = known.name;
  filled(signIn, async (elements) => {
    if (!known) throw new Error("this device is not enrolled");
    elements.device.value = known.id;
    elements.assertion.value = await assertion(known.key, await challengeOf(known.id));
  });
}
