// Presses: the security token, the request id, no double press, and a sentence when it fails.
import { say } from "./words.js";
import { tellCards } from "./stream.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// Whose page this is: in another tab the sign-in may have gone on to another school or person.
const account = document.querySelector('meta[name="page-account"]')?.content ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token;
  if (account) event.detail.headers["X-Page-Account"] = account;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!account || form.method !== "post" || form.querySelector('input[name="page_account"]')) return;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "page_account";
  field.value = account;
  form.append(field);
}, true);

// A field for the request id is filled when the press begins: repeating it is harmless.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const id = form.querySelector('input[name="request_id"]');
  if (id && !id.value) id.value = newId();
}, true);

// crypto.randomUUID is there only on secure pages; a school's test server may be plain http.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// A button that may not be pressed keeps its focus, so it is marked and not disabled.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.('button[aria-disabled="true"], button[aria-busy="true"]');
  if (button) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// Enter in a field presses no button that could be marked: the form itself is asked.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sending) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (form.hasAttribute("data-once") && !form.hasAttribute("hx-post")) {
    form.dataset.sending = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  }
}, true);

// Back to a page kept by the browser: its forms may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sending]")) delete form.dataset.sending;
  for (const button of document.querySelectorAll('[aria-busy="true"]')) button.removeAttribute("aria-busy");
  // What is asked there once more is asked anew, of whoever is there by now.
  for (const form of document.querySelectorAll("form[data-anew]")) form.elements.request_id.value = "";
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  form.dataset.sending = "1";
  for (const button of buttonsBeside(form)) button.setAttribute("aria-busy", "true");
});

// htmx tells it again when the answer has replaced the form that asked, and nobody when the stream was
// faster and has drawn the row anew: then the form is not in the page any more.
const answered = new WeakSet();

// What only asks to see something changes nothing, whatever becomes of it.
const onlyLooks = ({ requestConfig }) => requestConfig?.verb === "get";

document.addEventListener("htmx:beforeRequest", ({ target, detail }) => {
  const { xhr } = detail;
  if (!(target instanceof HTMLFormElement)) return;
  xhr.addEventListener("loadend", () => answer(target, xhr, onlyLooks(detail)));
});

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  answer(target, detail.xhr, onlyLooks(detail));
});

function answer(form, xhr, isLook) {
  if (xhr && answered.has(xhr)) return;
  if (xhr) answered.add(xhr);
  if (form instanceof HTMLFormElement) {
    delete form.dataset.sending;
    for (const button of buttonsBeside(form)) button.removeAttribute("aria-busy");
    const id = form.querySelector('input[name="request_id"]');
    // Without an answer nobody knows whether it was done: the next press repeats the same id.
    if (id && xhr?.status) id.value = "";
  }
  if (!xhr?.status) {
    toast("", say(isLook ? "unopened" : "unreachable"));
    return;
  }
  const html = xhr.responseText ?? "";
  const isPage = /^\s*<!doctype/i.test(html);
  if (xhr.status < 400) {
    if (!isPage && form instanceof HTMLFormElement && form.getAttribute("hx-swap") === "none") tellCards(html);
    return;
  }
  if (xhr.getResponseHeader("HX-Redirect")) return;
  const refusal = isPage ? null : tellCards(html).querySelector(".refusal");
  if (saidAtItsField(form, refusal)) return;
  toast(refusal?.dataset.title ?? "", refusal?.textContent.trim() || say("failed"));
  const isStale = refusal && "stale" in refusal.dataset;
  if (isStale && form instanceof HTMLFormElement) drawAnew(form.closest("[data-again]"), form);
}

// What was written wrong is said where it was written, until the form is sent again.
function saidAtItsField(form, refusal) {
  const named = refusal?.dataset.field;
  const field = named && form instanceof HTMLFormElement ? form.elements.namedItem(named) : null;
  if (!(field instanceof HTMLElement) || field.type === "hidden") return false;
  const line = refusal.querySelector(".error");
  line.id = `${field.id || named}-refusal`;
  line.dataset.refusal = "";
  (field.closest(".field") ?? field).append(line);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [...describing(field), line.id].join(" "));
  field.focus();
  return true;
}

function describing(field) {
  return field.getAttribute("aria-describedby")?.split(/\s+/) ?? [];
}

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (!(target instanceof HTMLFormElement)) return;
  for (const line of target.querySelectorAll("[data-refusal]")) {
    const field = target.querySelector(`[aria-describedby~="${line.id}"]`);
    const others = describing(field).filter((id) => id !== line.id);
    if (others.length) field.setAttribute("aria-describedby", others.join(" "));
    else field.removeAttribute("aria-describedby");
    field.removeAttribute("aria-invalid");
    line.remove();
  }
});

// Too late: an open dialog shows what is now, with what can still be done. What somebody is writing in
// another form of it stays.
function drawAnew(shown, form) {
  const dialog = shown?.closest("dialog");
  if (!dialog?.open) return;
  if ([...dialog.querySelectorAll("textarea")].some((one) => one.form !== form && one.value)) return;
  const address = shown.dataset.address ?? shown.dataset.again;
  htmx.ajax("GET", address, { target: shown.closest("dialog"), source: shown });
}


// All moves of one pass wait for the answer to one of them.
function buttonsBeside(form) {
  const group = form.closest(".moves, .detail-moves") ?? form;
  return group.querySelectorAll("button");
}

// Outside an open dialog nothing can be seen or pressed, so what tells of a press, and what takes it
// back, go where the reader is.
const toasts = document.getElementById("toasts");
const followers = [document.getElementById("undos"), toasts].filter((one) => one);

export function followDialog() {
  put([...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body);
}

function put(place) {
  for (const one of followers) if (one.parentElement !== place) place.append(one);
}

document.addEventListener("close", followDialog, true);

// What a dialog held goes when it is drawn anew; they do not. One that was closed while its newer state
// was on the way stays closed.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!(detail.target instanceof HTMLDialogElement)) return;
  const isItsOwn = detail.requestConfig.elt.matches?.("[data-one], [data-detail]");
  if (isItsOwn && !detail.target.open) detail.shouldSwap = false;
  else put(document.body);
});

export function toast(title, sentence) {
  followDialog();
  const box = document.createElement("div");
  box.className = "toast";
  const text = document.createElement("div");
  if (title) {
    const strong = document.createElement("strong");
    strong.textContent = title;
    text.append(strong);
  }
  text.append(sentence);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-button";
  close.textContent = "✕";
  close.setAttribute("aria-label", say("close"));
  close.addEventListener("click", () => box.remove());
  box.append(text, close);
  toasts.append(box);
  // Long enough to read; stays while somebody is looking at it.
  const leave = () => {
    if (box.matches(":hover, :focus-within")) setTimeout(leave, 2000);
    else box.remove();
  };
  setTimeout(leave, 8000);
}

// A student of this adult's room was met without a pass: told at once, moving nothing.
document.addEventListener("corridor:card", ({ detail }) => {
  if (detail.matches(".sighting")) toast(detail.dataset.title, detail.textContent);
});

// Dialogs: opened by what is put into them, closed by their cross, Escape or a press beside them.
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target;
  if (!(dialog instanceof HTMLDialogElement)) return;
  if (!dialog.open) dialog.showModal();
  // What had the focus was drawn anew: the focus stays in the dialog.
  else if (!dialog.contains(document.activeElement)) dialog.querySelector("[data-close]")?.focus();
  // What was pressed may be far below what is told of it.
  dialog.querySelector('[role="alert"]')?.scrollIntoView({ block: "nearest" });
  followDialog();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
  else if (event.target instanceof HTMLDialogElement && event.target.matches(":modal")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right
      && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail) event.target.close();
  }
});
