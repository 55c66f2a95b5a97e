// Makes tracking better where there is a script: share the link, recent numbers, fresh news.
const KEPT = "susa-recent";
const KEPT_MAX = 5;

function recent() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

const tracked = document.getElementById("tracked");
if (tracked) {
  const { barcode, status } = tracked.dataset;
  const others = recent().filter((one) => one.barcode !== barcode);
  try {
    localStorage.setItem(KEPT, JSON.stringify([{ barcode, status }, ...others].slice(0, KEPT_MAX)));
  } catch {
    // a private window may keep nothing
  }
  // Back on this page after a while: what is new? Not while a form is being filled in.
  const opened = Date.now();
  document.addEventListener("visibilitychange", () => {
    const typed = [...document.querySelectorAll("input, textarea")].some((one) => one.value);
    const stale = Date.now() - opened > 60_000;
    if (!document.hidden && stale && !typed) location.replace(location.href);
  });
}

const list = document.getElementById("recent");
if (list && recent().length) {
  for (const { barcode, status } of recent()) {
    const link = document.createElement("a");
    link.href = `/track/${encodeURIComponent(barcode)}`;
    link.dir = "ltr";
    link.className = "code";
    link.textContent = barcode;
    const item = document.createElement("li");
    item.append(link, ` · ${status}`);
    list.querySelector("ul").append(item);
  }
  list.hidden = false;
}

const share = document.getElementById("share");
if (share && (navigator.share || navigator.clipboard)) {
  share.hidden = false;
  share.addEventListener("click", async () => {
    const link = location.origin + location.pathname;
    try {
      if (navigator.share) {
        await navigator.share({ title: document.title, url: link });
      } else {
        await navigator.clipboard.writeText(link);
        share.textContent = share.dataset.done;
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  });
}
