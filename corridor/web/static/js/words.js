// The sentences that scripts say, translated by the server into data attributes.
const words = document.getElementById("words")?.dataset ?? {};

export function say(name, values = {}) {
  return fill(words[name] ?? "", values);
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// As people type a name: no case, no accents.
export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

const region = () => document.getElementById("announce");
let clearing = 0;

// One polite live region for the page: what is said twice is read twice.
export function announce(text) {
  const place = region();
  if (!place) return;
  const line = document.createElement("p");
  line.textContent = text;
  place.append(line);
  clearTimeout(clearing);
  clearing = setTimeout(() => place.replaceChildren(), 5000);
}
