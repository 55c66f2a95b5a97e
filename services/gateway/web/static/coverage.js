// Places and offices on a map, from the services' own GeoJSON: no tiles, nothing from elsewhere.
// Without this script the tables below the map say the same.

const NEAR_M = 2000;
const MID_M = 10000;
const PAGES_MAX = 10;

async function features(path) {
  const found = [];
  let cursor = "";
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const url = new URL(path, window.location.origin);
    url.searchParams.set("limit", "1000");
    if (cursor) url.searchParams.set("cursor", cursor);
    const answer = await fetch(url, { credentials: "omit" });
    if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status}`);
    const body = await answer.json();
    found.push(...body.features);
    if (!body.next) return found;
    cursor = body.next;
  }
  return found;
}

function colour(metres) {
  if (metres === null) return "#a11d27";
  if (metres <= NEAR_M) return "#1b6a3a";
  return metres <= MID_M ? "#e9b44c" : "#a11d27";
}

function position(feature) {
  const [longitude, latitude] = feature.geometry.coordinates;
  return [latitude, longitude];
}

function text(...lines) {
  const box = document.createElement("div");
  for (const line of lines.filter(Boolean)) {
    const one = document.createElement("div");
    one.textContent = line;
    box.append(one);
  }
  return box;
}

async function draw(element) {
  const { kind, latitude, longitude, here, label } = element.dataset;
  const english = document.documentElement.lang === "en";
  const numbers = new Intl.NumberFormat(english ? "en" : "fa");
  const query = kind ? `?kind=${encodeURIComponent(kind)}` : "";
  const [places, offices] = await Promise.all([
    features(`/v1/places.geojson${query}`),
    features(`/v1/offices.geojson${query}`),
  ]);
  element.hidden = false;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", label);
  const map = window.L.map(element, { attributionControl: false, scrollWheelZoom: false });
  const points = places.map(position);
  for (const place of places) {
    const { name, name_en: nameEn, population, distance_m: metres } = place.properties;
    const far = metres === null ? "" : `${numbers.format(Math.round(metres / 100) / 10)} km`;
    window.L.circleMarker(position(place), {
      radius: 3 + Math.sqrt(population) / 70,
      color: "#17242d",
      weight: 1,
      fillColor: colour(metres),
      fillOpacity: 0.75,
    })
      .bindPopup(text(english ? nameEn : name, numbers.format(population), far))
      .addTo(map);
  }
  for (const office of offices) {
    const { code, name } = office.properties;
    window.L.circleMarker(position(office), {
      radius: 2.5, color: "#12394f", weight: 1, fillColor: "#12394f", fillOpacity: 1,
    })
      .bindPopup(text(name, code))
      .addTo(map);
  }
  if (latitude) {
    const at = [Number(latitude), Number(longitude)];
    window.L.circleMarker(at, { radius: 9, color: "#a11d27", weight: 3, fillOpacity: 0 })
      .bindPopup(text(here))
      .addTo(map);
    map.setView(at, 11);
  } else if (points.length) {
    map.fitBounds(points, { padding: [12, 12] });
  } else {
    map.setView([31.32, 48.67], 7);
  }
  element.dataset.ready = "yes";
}

for (const element of document.querySelectorAll("[data-map]")) {
  draw(element).catch((error) => {
    element.hidden = true;
    console.error(error);
  });
}
