// <own-numbers>: the numbers of the reader's own places. The stream sends them drawn; they change
// where they stand. Many run on beyond the line, which then is reached by keyboard too.
import { morph } from "./morph.js";

class OwnNumbers extends HTMLElement {
  connectedCallback() {
    this.show = ({ detail }) => {
      const piece = document.createElement("template");
      piece.innerHTML = detail;
      morph(this.firstElementChild, piece.content.querySelector("dl"));
      this.reach();
    };
    document.addEventListener("corridor:own", this.show);
    this.measuring = new ResizeObserver(() => this.reach());
    this.measuring.observe(this);
  }

  disconnectedCallback() {
    document.removeEventListener("corridor:own", this.show);
    this.measuring.disconnect();
  }

  reach() {
    if (this.scrollWidth > this.clientWidth) this.tabIndex = 0;
    else this.removeAttribute("tabindex");
  }
}

customElements.define("own-numbers", OwnNumbers);
