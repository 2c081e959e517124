// <filter-list but="origin">: a search field above buttons; those whose text does not hold what is
// typed hide, and the one that the form's field of this name has chosen.
import { plain } from "./words.js";

class FilterList extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("[data-filter]");
    const filter = () => this.filter(plain(field.value));
    this.other = this.closest("form").elements[this.getAttribute("but")];
    this.other.addEventListener("change", filter);
    field.addEventListener("input", filter);
    filter();
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
      button.hidden = button.value === this.other.value || !plain(button.textContent).includes(wanted);
      if (!button.hidden) found += 1;
    }
    this.querySelector("[data-none]").hidden = found > 0;
  }
}

customElements.define("filter-list", FilterList);
