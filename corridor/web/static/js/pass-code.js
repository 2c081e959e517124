// <pass-code src="/student/code">: the code on a live pass, anew each minute. A press shows it large.
const SPREAD = 8000;

class PassCode extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.enlarge());
    // Not all passes of a school in the same instant; the code of the minute before is still good.
    this.anew = () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.fetch(), Math.random() * SPREAD);
    };
    this.seen = () => {
      if (!document.hidden) this.fetch();
    };
    document.addEventListener("corridor:word", this.anew);
    document.addEventListener("visibilitychange", this.seen);
    this.fetch();
  }

  disconnectedCallback() {
    clearTimeout(this.soon);
    document.removeEventListener("corridor:word", this.anew);
    document.removeEventListener("visibilitychange", this.seen);
    this.dialog?.remove();
  }

  async fetch() {
    let drawn = "";
    try {
      const answer = await fetch(this.getAttribute("src"));
      if (answer.ok) drawn = await answer.text();
    } catch {
      // No answer: what is shown grows old by itself, and the next minute asks again.
      return;
    }
    const code = new DOMParser().parseFromString(drawn, "text/html").querySelector("svg");
    this.button.hidden = !code;
    if (!code) return;
    code.setAttribute("aria-hidden", "true");
    this.button.replaceChildren(code);
    this.dialog?.querySelector("svg")?.replaceWith(code.cloneNode(true));
  }

  enlarge() {
    this.dialog?.remove();
    this.dialog = document.createElement("dialog");
    this.dialog.className = "dialog code-large";
    const close = document.createElement("button");
    close.type = "button";
    close.setAttribute("data-close", "");
    close.setAttribute("aria-label", document.getElementById("words").dataset.close);
    close.append(this.button.querySelector("svg").cloneNode(true));
    this.dialog.append(close);
    this.dialog.setAttribute("aria-label", this.button.getAttribute("aria-label"));
    document.body.append(this.dialog);
    this.dialog.showModal();
  }
}

customElements.define("pass-code", PassCode);
