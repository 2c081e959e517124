// <coming-list>: a student's appointments. What the stream brings takes its place in order of time.
import { serverNow } from "./clock.js";

class ComingList extends HTMLElement {
  connectedCallback() {
    this.hear = ({ detail }) => this.take(detail);
    document.addEventListener("corridor:card", this.hear);
    this.looks = setInterval(() => this.close(), 1000);
  }

  disconnectedCallback() {
    document.removeEventListener("corridor:card", this.hear);
    clearInterval(this.looks);
  }

  // What may be taken back until a time makes room for a sentence at that time.
  close() {
    for (const open of this.querySelectorAll("[data-until]")) {
      if (Date.parse(open.dataset.until) >= serverNow()) continue;
      open.nextElementSibling.hidden = false;
      open.remove();
    }
  }

  take(fresh) {
    const list = this.querySelector("ul");
    if (fresh.id === "ticket") {
      document.getElementById(`coming-${fresh.dataset.id}`)?.remove(); // it has surfaced
      return;
    }
    if (!fresh.matches(".coming")) return;
    const present = document.getElementById(fresh.id);
    if (present && Number(present.dataset.version) >= Number(fresh.dataset.version)) return;
    if (!present && fresh.dataset.coming !== "1") return;
    if (present) present.remove();
    const time = (row) => Date.parse(row.dataset.sort);
    const next = [...list.children].find((row) => time(row) > time(fresh)) ?? null;
    list.insertBefore(fresh, next);
    htmx.process(fresh);
  }
}

customElements.define("coming-list", ComingList);
