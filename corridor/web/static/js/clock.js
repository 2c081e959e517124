// <pass-clock since="…" [until="…"]>: minutes that count up by the server's time.
const clocks = new Set();
let offset = 0;
let ticking = 0;

// The page's language as it is written where the reader lives.
const lang = document.documentElement.lang;
const region = navigator.languages.find((one) => one.split("-")[0] === lang) ?? lang;
const STYLE = { dateStyle: "medium", timeStyle: "medium" };

export function serverNow() {
  return Date.now() + offset;
}

export function setServerNow(iso) {
  const now = Date.parse(iso);
  if (!Number.isNaN(now)) offset = now - Date.now();
}

setServerNow(document.querySelector('meta[name="server-now"]')?.content);

function text(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function tick() {
  for (const clock of clocks) clock.show();
  // Again just after the next full second of the server's time.
  ticking = clocks.size ? setTimeout(tick, 1005 - (serverNow() % 1000)) : 0;
}

class PassClock extends HTMLElement {
  static observedAttributes = ["since", "until"];

  connectedCallback() {
    this.setAttribute("role", "timer");
    this.setAttribute("aria-live", "off");
    this.read();
  }

  disconnectedCallback() {
    clocks.delete(this);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.read();
  }

  read() {
    this.since = Date.parse(this.getAttribute("since"));
    this.until = Date.parse(this.getAttribute("until") ?? "");
    const exact = (time) => new Date(time).toLocaleString(region, STYLE);
    if (Number.isNaN(this.since)) return;
    this.title = Number.isNaN(this.until) ? exact(this.since)
      : `${exact(this.since)} – ${exact(this.until)}`;
    if (Number.isNaN(this.until)) {
      clocks.add(this);
      if (!ticking) ticking = setTimeout(tick, 1005 - (serverNow() % 1000));
    } else {
      clocks.delete(this);
    }
    this.show();
  }

  show() {
    const end = Number.isNaN(this.until) ? serverNow() : this.until;
    const shown = text(end - this.since);
    if (this.textContent !== shown) this.textContent = shown;
    this.toggleAttribute("hours", end - this.since >= 3600000);
  }
}

customElements.define("pass-clock", PassClock);

// A page that was asleep shows the right time at once.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const clock of clocks) clock.show();
});
