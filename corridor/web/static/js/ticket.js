// <pass-slot>: the student's home. A ticket that comes by the stream takes its place at once.
import { morph } from "./morph.js";
import { announce } from "./words.js";

class PassSlot extends HTMLElement {
  connectedCallback() {
    this.hear = ({ detail }) => this.take(detail);
    document.addEventListener("corridor:card", this.hear);
  }

  disconnectedCallback() {
    document.removeEventListener("corridor:card", this.hear);
  }

  take(fresh) {
    if (fresh.id !== "ticket") return;
    const present = document.getElementById("ticket");
    const number = (element, name) => Number(element.dataset[name]);
    if (present) {
      // An appointment that surfaces is older than a pass that is over.
      const sameOrOlder = (number(fresh, "id") < number(present, "id")
        && (fresh.dataset.open !== "1" || present.dataset.open === "1"))
        || (number(fresh, "id") === number(present, "id")
          && number(fresh, "version") <= number(present, "version"));
      if (sameOrOlder) return;
    } else if (fresh.dataset.open !== "1") {
      return; // An old pass was commented on; here a new one is being asked for.
    }
    const before = present?.querySelector("#ticket-state")?.textContent.trim();
    if (present) {
      morph(present, fresh);
    } else {
      const page = document.createElement("div");
      page.className = "ticket-page";
      page.append(fresh);
      this.replaceChildren(page);
      htmx.process(page);
    }
    const ticket = document.getElementById("ticket");
    const after = ticket.querySelector("#ticket-state").textContent.trim();
    if (after !== before) announce(after);
  }
}

customElements.define("pass-slot", PassSlot);
