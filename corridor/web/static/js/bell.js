// <bell-now>: which period it is, by the server's time. The periods of the day stand in it; they are
// asked for again every few minutes, because somebody may have said that today is different.
import { serverNow } from "./clock.js";

const ASK_AGAIN = 5 * 60 * 1000;

class BellNow extends HTMLElement {
  connectedCallback() {
    this.ticking = setInterval(() => this.show(), 1000);
    this.asking = setInterval(() => this.ask(), ASK_AGAIN);
    this.seen = () => {
      if (!document.hidden) this.ask();
    };
    document.addEventListener("visibilitychange", this.seen);
    this.show();
  }

  disconnectedCallback() {
    clearInterval(this.ticking);
    clearInterval(this.asking);
    document.removeEventListener("visibilitychange", this.seen);
  }

  async ask() {
    try {
      const answer = await fetch(this.getAttribute("src"));
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.replaceChildren(...page.body.childNodes);
      this.show();
    } catch {
      // No answer: what stands here is as good as a minute ago.
    }
  }

  show() {
    const name = this.querySelector("[data-bell-name]");
    if (!name) return;
    const now = serverNow();
    const on = [...this.querySelectorAll("data")].find(
      (one) => Date.parse(one.dataset.begins) <= now && now < Date.parse(one.dataset.ends));
    if (name.textContent !== (on?.value ?? "")) name.textContent = on?.value ?? "";
    this.querySelector("[data-bell-time]").textContent = on?.dataset.time ?? "";
    this.querySelector("[data-bell-until]").hidden = !on;
    this.querySelector("[data-bell-none]").hidden = Boolean(on);
  }
}

customElements.define("bell-now", BellNow);
