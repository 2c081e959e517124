// <coming-list>: a student's appointments. What the stream brings takes its place in order of time.
class ComingList extends HTMLElement {
  connectedCallback() {
    this.hear = ({ detail }) => this.take(detail);
    document.addEventListener("corridor:card", this.hear);
  }

  disconnectedCallback() {
    document.removeEventListener("corridor:card", this.hear);
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
