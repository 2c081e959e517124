// <live-stream src="/stream/staff" after="123">: one EventSource per page that always comes back.
//
// It tells the page what it hears as events on document:
//   corridor:card (detail: an element)   corridor:word   corridor:tiles   (detail: an object)
//   corridor:own (detail: the drawn piece)   the numbers of the reader's own places
//   corridor:reload (the page is about to be drawn afresh)
//   corridor:news   what the page shows is not true any more: it asks anew
import { setServerNow } from "./clock.js";

const SHOW_AFTER = 3000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 3000;
const ASLEEP = 30000;

export function tellCards(html) {
  const piece = document.createElement("template");
  piece.innerHTML = html;
  for (const card of piece.content.querySelectorAll("[data-id][data-version]")) {
    document.dispatchEvent(new CustomEvent("corridor:card", { detail: card }));
  }
  return piece.content;
}

class LiveStream extends HTMLElement {
  connectedCallback() {
    this.last = this.getAttribute("after");
    this.wait = FIRST_WAIT;
    this.seen = Date.now();
    this.wake = () => this.wokenUp();
    document.addEventListener("visibilitychange", this.wake);
    addEventListener("online", this.wake);
    addEventListener("pageshow", this.wake);
    // A clock that jumps means the machine slept: the old connection may only look alive.
    this.watch = setInterval(() => this.wokenUp(), 5000);
    this.open();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.wake);
    removeEventListener("online", this.wake);
    removeEventListener("pageshow", this.wake);
    clearInterval(this.watch);
    clearTimeout(this.again);
    this.source?.close();
  }

  open() {
    clearTimeout(this.again);
    this.again = 0;
    this.source?.close();
    const address = new URL(this.getAttribute("src"), location.href);
    address.searchParams.set("after", this.last);
    const source = new EventSource(address);
    this.source = source;
    source.addEventListener("open", () => {
      this.wait = FIRST_WAIT;
      this.connected(true);
    });
    source.addEventListener("error", () => this.lost(source));
    source.addEventListener("card", (event) => {
      this.remember(event);
      tellCards(event.data);
    });
    source.addEventListener("own", (event) => {
      document.dispatchEvent(new CustomEvent("corridor:own", { detail: event.data }));
    });
    source.addEventListener("news", (event) => {
      this.remember(event);
      document.dispatchEvent(new Event("corridor:news"));
    });
    for (const name of ["word", "tiles"]) {
      source.addEventListener(name, (event) => {
        const detail = JSON.parse(event.data);
        if (detail.now) setServerNow(detail.now);
        document.dispatchEvent(new CustomEvent(`corridor:${name}`, { detail }));
      });
    }
    source.addEventListener("reload", (event) => {
      this.remember(event);
      source.close();
      // Not all pages of a school in the same instant.
      setTimeout(() => {
        document.dispatchEvent(new Event("corridor:reload"));
        location.reload();
      }, Math.random() * 1000);
    });
    source.addEventListener("again", (event) => {
      this.remember(event);
      source.close();
      // Not all pages of a school in the same instant.
      this.again = setTimeout(() => this.open(), Math.random() * 500);
    });
    source.addEventListener("bye", () => {
      source.close();
      this.leave();
    });
  }

  leave() {
    location.assign(this.getAttribute("sign-in") ?? "/");
  }

  remember(event) {
    if (event.lastEventId) this.last = event.lastEventId;
  }

  lost(source) {
    this.connected(false);
    // The browser tries again by itself unless the answer was not a stream.
    if (source !== this.source || source.readyState !== EventSource.CLOSED) return;
    this.again = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.askWhy(source.url);
  }

  // A source does not tell why it has no stream: a sign-in that ended meanwhile never gets one.
  async askWhy(address) {
    const asking = new AbortController();
    try {
      const { status } = await fetch(address, { signal: asking.signal });
      if ([401, 403].includes(status) && this.isConnected) this.leave();
    } catch {
      // No answer at all: the next try will tell.
    }
    asking.abort();
  }

  wokenUp() {
    const now = Date.now();
    const slept = now - this.seen > ASLEEP;
    this.seen = now;
    if (document.hidden) {
      // A page nobody sees gives its connection back: a browser has six for one server.
      if (this.hasAttribute("only-seen")) this.source?.close();
      return;
    }
    if (slept || this.source?.readyState === EventSource.CLOSED) {
      this.wait = FIRST_WAIT;
      this.open();
    }
  }

  connected(yes) {
    const line = document.getElementById("connection");
    if (yes) {
      clearTimeout(this.showing);
      this.showing = 0;
      line.hidden = true;
    } else if (!this.showing) {
      this.showing = setTimeout(() => { line.hidden = false; }, SHOW_AFTER);
    }
  }
}

customElements.define("live-stream", LiveStream);

document.addEventListener("corridor:word", ({ detail }) => {
  for (const chip of document.querySelectorAll("[data-word]")) {
    chip.dataset.colour = detail.colour;
    const text = chip.querySelector("[data-word-text]");
    text.lang = detail.lang;
    text.textContent = detail.text;
  }
});

document.addEventListener("corridor:tiles", ({ detail }) => {
  for (const tile of document.querySelectorAll("[data-limited]")) {
    tile.hidden = (detail.building_limit ?? null) === null;
  }
  for (const tile of document.querySelectorAll("[data-tile]")) {
    const value = detail[tile.dataset.tile];
    if (value === undefined || value === null) continue;
    tile.textContent = value;
    const holder = tile.closest("[data-value]");
    if (holder) holder.dataset.value = value;
  }
});
