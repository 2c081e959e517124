// <line-wait until="…">: about how long somebody still stands in line, by the server's time.
import { serverNow } from "./clock.js";

class LineWait extends HTMLElement {
  static observedAttributes = ["until"];

  connectedCallback() {
    this.show();
    this.again = setInterval(() => this.show(), 5000);
  }

  disconnectedCallback() {
    clearInterval(this.again);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.show();
  }

  show() {
    const left = Date.parse(this.getAttribute("until")) - serverNow();
    const count = Math.ceil(left / 60000);
    let text = this.dataset.many.replace("{count}", count);
    if (count === 1) text = this.dataset.one;
    if (count < 1) text = this.dataset.longer;
    if (this.textContent !== text) this.textContent = text;
  }
}

customElements.define("line-wait", LineWait);
