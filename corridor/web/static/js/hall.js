// <hall-monitor>: a phone in a corridor. The list is a <pass-board>; here stand the search in it,
// the check of a word, and what is told about the list.
import { announce, fill, plain } from "./words.js";

const STEADY = 400;

class HallMonitor extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("#hall-search");
    this.list = this.querySelector("#hall-list");
    this.none = this.querySelector("[data-none]");
    this.moved = -STEADY;
    this.pressed = new Set();
    this.long = new Set(this.rows.filter((row) => this.isLong(row)).map((row) => row.id));
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.field.blur(); // puts a phone's keyboard away
    });
    if (this.querySelector(".hall-bar")) this.serveBar();
    // Under a finger that is on its way another row may have come: its press does not count.
    this.list.addEventListener("click", (event) => {
      if (performance.now() - this.moved > STEADY || !event.detail) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, true);
    this.list.addEventListener("htmx:beforeRequest", (event) => {
      this.pressed.add(event.target.closest(".row").id);
    });
    this.watch = new MutationObserver((changes) => {
      // The clocks of the rows change too, each second; that is nothing to us.
      const ours = changes.filter(({ target, type }) => target === this.list || type === "attributes");
      if (ours.some((change) => change.removedNodes.length)) this.moved = performance.now();
      // A row drawn afresh has forgotten that it does not fit.
      if (ours.length) this.filter();
    });
    this.watch.observe(this.list, { childList: true, attributeFilter: ["hidden"], subtree: true });
    this.hear = ({ detail }) => {
      if (detail.matches(".row")) this.tell(detail);
    };
    document.addEventListener("corridor:card", this.hear);
  }

  // What is at the foot of a phone in a corridor; other pages show the list alone.
  serveBar() {
    this.querySelector("[data-search]").addEventListener("click", () => {
      this.field.focus();
      this.field.select();
      scrollTo(0, 0);
    });
    const dialog = this.querySelector("#check-word");
    this.querySelector("[data-check]").addEventListener("click", () => {
      dialog.querySelector("form").reset();
      dialog.querySelector("#word-answer").replaceChildren();
      dialog.showModal();
    });
  }

  disconnectedCallback() {
    document.removeEventListener("corridor:card", this.hear);
    this.watch.disconnect();
  }

  get rows() {
    return [...this.list.querySelectorAll(".row")];
  }

  isLong(row) {
    return row.classList.contains("tone-long");
  }

  search() {
    const found = this.filter();
    clearTimeout(this.soon);
    if (!this.field.value.trim()) return;
    // Once the typing pauses, not at every letter.
    this.soon = setTimeout(() => announce(fill(this.dataset.found, { count: found })), 600);
  }

  // Every word that was typed begins a part of the name.
  filter() {
    const words = plain(this.field.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of this.rows) {
      const parts = plain(row.querySelector(".who").textContent).split(/[\s'’-]+/);
      const fits = words.every((word) => parts.some((part) => part.startsWith(word)));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) found += 1;
    }
    this.none.hidden = !words.length || found > 0;
    return found;
  }

  tell(row) {
    const name = row.querySelector(".who").textContent;
    if (this.isLong(row) && !this.long.has(row.id)) {
      this.long.add(row.id);
      announce(fill(this.dataset.long, { name }));
    }
    if (row.dataset.section === "ended" && this.pressed.delete(row.id)) {
      announce(fill(this.dataset.ended, { name }));
    }
  }
}

customElements.define("hall-monitor", HallMonitor);
