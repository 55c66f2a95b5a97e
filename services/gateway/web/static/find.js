// The map of places and offices: points from GeoJSON, no tiles, so nothing comes from elsewhere.
const map = document.getElementById("map");
const L = window.L;

function lines(...texts) {
  const box = document.createElement("div");
  for (const text of texts.filter(Boolean)) {
    const line = document.createElement("p");
    line.dir = "auto";
    line.append(text);
    box.append(line);
  }
  return box;
}

function linkTo(code, name) {
  const link = document.createElement("a");
  link.href = `/find/${encodeURIComponent(code)}`;
  link.textContent = name;
  return link;
}

async function features(address, service) {
  const found = [];
  let cursor = null;
  do {
    const url = new URL(address, location.origin);
    url.searchParams.set("limit", "1000");
    if (service) url.searchParams.set("service", service);
    if (cursor) url.searchParams.set("cursor", cursor);
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const page = await answer.json();
    found.push(...page.features);
    cursor = page.next;
  } while (cursor && found.length < 5000);
  return found;
}

const at = ({ geometry }) => [geometry.coordinates[1], geometry.coordinates[0]];

async function draw() {
  const { latitude, longitude, service, places, offices } = map.dataset;
  const persian = document.documentElement.lang === "fa";
  const shown = L.map(map, { attributionControl: false, preferCanvas: true });
  shown.setView([31.4, 48.9], 7);
  const towns = await features(places);
  for (const town of towns) {
    const { name, name_en, population, seat } = town.properties;
    const point = L.circleMarker(at(town), {
      radius: Math.max(3, Math.min(11, Math.sqrt(population) / 90)),
      color: "#8fa3ad", weight: 1, fillColor: "#c3d0d7", fillOpacity: 0.8,
    }).addTo(shown);
    const text = persian ? name : name_en;
    if (seat) {
      point.bindTooltip(text, { permanent: population > 150_000, className: "town-name" });
    } else {
      point.bindTooltip(text);
    }
  }
  const ours = await features(offices, service);
  for (const office of ours) {
    const { code, name, address } = office.properties;
    L.circleMarker(at(office), {
      radius: 4, color: "#12394f", weight: 1, fillColor: "#0a6280", fillOpacity: 0.9,
    }).addTo(shown).bindPopup(lines(linkTo(code, name), address));
  }
  const listed = [...document.querySelectorAll("[data-code]")].map((item) => {
    const where = [Number(item.dataset.latitude), Number(item.dataset.longitude)];
    const name = item.querySelector("a").textContent;
    L.circleMarker(where, {
      radius: 7, color: "#12394f", weight: 2, fillColor: "#e9b44c", fillOpacity: 1,
    }).addTo(shown).bindPopup(lines(linkTo(item.dataset.code, name)));
    return where;
  });
  if (latitude) {
    const here = [Number(latitude), Number(longitude)];
    L.circleMarker(here, { radius: 8, color: "#a11d27", weight: 3, fill: false }).addTo(shown);
    listed.push(here);
  }
  const all = listed.length ? listed : towns.map(at);
  if (all.length) shown.fitBounds(all, { padding: [24, 24], maxZoom: 13 });
  map.dataset.ready = "yes";
}

if (map && L) draw();

const locate = document.getElementById("locate");
if (locate && navigator.geolocation) {
  locate.hidden = false;
  locate.addEventListener("click", () => {
    const told = document.getElementById("locate-told");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        document.getElementById("here").value =
          `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`;
        document.getElementById("q").value = "";
        document.getElementById("find").requestSubmit();
      },
      () => { told.textContent = locate.dataset.failed; },
      { timeout: 10_000, maximumAge: 300_000 },
    );
  });
}
// A town that is chosen goes before where the browser was.
document.getElementById("town")?.addEventListener("change", () => {
  document.getElementById("here").value = "";
});
