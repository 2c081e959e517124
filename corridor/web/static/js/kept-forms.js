// A page that must be drawn afresh under somebody who is filling in a form: what they wrote stays,
// and only that; whatever else is new on the page is not theirs.
import { toast } from "./forms.js";
import { say } from "./words.js";

const account = document.querySelector('meta[name="page-account"]')?.content ?? "";
const KEY = `corridor.written.${account}.${location.pathname}`;
const NOT_WRITTEN = ["hidden", "password", "file", "submit", "button", "reset", "select-multiple"];
const written = new WeakSet();

for (const name of ["input", "change"]) {
  document.addEventListener(name, ({ target }) => written.add(target), true);
}

const forms = () => [...document.querySelectorAll('main form[method="post"]:not([hx-post], [data-sending])')];
const ticks = (field) => ["checkbox", "radio"].includes(field.type);

// In what scripts draw anew while the page is open, all that is chosen counts as written.
const isWritten = (field) => written.has(field) || (ticks(field) && field.closest("[data-keep]"));

document.addEventListener("corridor:reload", () => {
  // A button that ticks many of a part tells of the part.
  const isTouched = (field) => written.has(field) || written.has(field.closest("[data-keep]"));
  if (!forms().some((form) => [...form.elements].some(isTouched))) return;
  const kept = forms().map((form) => [form.action, [...form.elements]
    .filter((field) => field.name && !NOT_WRITTEN.includes(field.type) && isWritten(field))
    .map((field) => [field.name, field.value, ticks(field) ? field.checked : null])]);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // No storage: the page is drawn as if nothing was written.
  }
});

function recall() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
  } catch {
    // As above.
  }
  if (!kept) return;
  const open = forms();
  for (const [action, fields] of kept) {
    const place = open.findIndex((form) => form.action === action);
    if (place >= 0) fill(open.splice(place, 1)[0], fields);
  }
  toast("", say("kept"));
}

function fill(form, fields) {
  for (const [name, value, checked] of fields) {
    const named = [...form.elements].filter((field) => field.name === name);
    const field = checked === null ? named[0] : named.find((one) => one.value === value);
    if (!field || (checked === null ? field.value === value : field.checked === checked)) continue;
    if (checked === null) field.value = value;
    else field.checked = checked;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }
  form.dispatchEvent(new CustomEvent("corridor:kept", { detail: fields }));
}

// When every part of the page listens.
addEventListener("load", recall);
