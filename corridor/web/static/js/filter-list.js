// <filter-list>: a search field above buttons; those whose text does not hold what is typed hide.
import { plain } from "./words.js";

class FilterList extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("[data-filter]");
    field.addEventListener("input", () => this.filter(plain(field.value)));
    // Enter takes the place when only one is left; otherwise it would take the first of all.
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const left = [...this.querySelectorAll("button:not([hidden])")];
      if (left.length === 1) left[0].click();
    });
  }

  filter(wanted) {
    let found = 0;
    for (const button of this.querySelectorAll("button")) {
      button.hidden = !plain(button.textContent).includes(wanted);
      if (!button.hidden) found += 1;
    }
    this.querySelector("[data-none]").hidden = found > 0;
  }
}

customElements.define("filter-list", FilterList);
