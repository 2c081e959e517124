// <place-picker>: from where and where to, in as few taps as possible, over native form parts.
// Without this script the same form is a select and a list of buttons that send it.
import { toast } from "./forms.js";
import { announce, fill, plain, say } from "./words.js";

class PlacePicker extends HTMLElement {
  connectedCallback() {
    const find = (name) => this.querySelector(`[data-${name}]`);
    this.form = this.closest("form");
    this.select = this.querySelector('select[name="origin"]');
    this.originLine = find("origin-line");
    this.origins = find("origins");
    this.destinations = find("destinations");
    this.confirm = find("confirm");
    this.reason = this.confirm.querySelector("#reason");
    this.sent = document.createElement("input");
    this.sent.type = "hidden";
    this.sent.name = "destination";
    this.sent.disabled = true;
    this.form.append(this.sent);

    this.makeOrigins(find("origin-list"));
    for (const group of this.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("button");
    }
    search(find("search"), find("all"), find("none"), (typing) => {
      find("favourites").hidden = typing;
    });
    search(find("origin-search"), find("origin-list"), find("origin-none"));
    find("change").addEventListener("click", () => this.changeOrigin());
    this.addEventListener("click", (event) => {
      const place = event.target.closest('button[name="destination"]');
      if (!place) return;
      event.preventDefault();
      this.ask(place);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.confirm.open) this.send();
    });
    // What is full or out of office changes: a page looked at again after a while is drawn again.
    const drawn = Date.now();
    document.addEventListener("visibilitychange", () => {
      const idle = !document.hidden && !this.querySelector("dialog:modal") && !find("search").value;
      if (idle && this.isConnected && Date.now() - drawn > 60000) location.reload();
    });
    this.showOrigin();
    const chosen = this.dataset.chosen
      && this.querySelector(`button[name="destination"][value="${CSS.escape(this.dataset.chosen)}"]`);
    if (chosen) chosen.setAttribute("aria-current", "true");
  }

  makeOrigins(list) {
    for (const option of this.select.options) {
      if (!option.value) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "place";
      button.value = option.value;
      const text = document.createElement("span");
      text.className = "place-text";
      const name = document.createElement("span");
      name.className = "place-name";
      name.textContent = option.text;
      text.append(name);
      const adult = option.dataset.adult;
      if (adult && !option.text.includes(adult)) {
        const more = document.createElement("span");
        more.className = "place-more";
        more.textContent = adult;
        text.append(more);
      }
      button.append(text);
      button.addEventListener("click", () => this.chooseOrigin(option.value));
      list.append(button);
    }
  }

  changeOrigin() {
    const field = this.origins.querySelector("[data-origin-search]");
    field.value = "";
    field.dispatchEvent(new Event("input"));
    this.origins.showModal();
  }

  chooseOrigin(id) {
    const inline = !this.origins.matches(":modal");
    this.select.value = id;
    this.origins.close();
    this.showOrigin();
    if (inline) (this.querySelector("button.place[name]") ?? this.originLine.querySelector("button")).focus();
  }

  showOrigin() {
    const option = this.select.selectedOptions[0];
    const known = Boolean(option?.value);
    this.originLine.hidden = !known;
    this.destinations.hidden = !known;
    if (!known) return;
    this.originLine.querySelector("[data-origin-name]").textContent = option.text;
    for (const button of this.origins.querySelectorAll(".place")) {
      if (button.value === option.value) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    // Nobody goes where they are.
    for (const button of this.destinations.querySelectorAll('button[name="destination"]')) {
      button.classList.toggle("is-here", button.value === option.value);
    }
  }

  ask(place) {
    const option = this.select.selectedOptions[0];
    const mode = place.dataset.reasonMode;
    this.sent.value = place.value;
    this.confirm.querySelector("[data-to]").textContent = place.querySelector(".place-name").textContent;
    this.confirm.querySelector("[data-from]").textContent = option.text;
    this.confirm.querySelector("[data-reason]").hidden = mode === "hidden";
    this.confirm.querySelector("[data-optional]").hidden = mode === "mandatory";
    this.reason.required = mode === "mandatory";
    if (mode === "hidden") this.reason.value = "";
    const send = this.confirm.querySelector("[data-send]");
    send.textContent = fill(this.dataset.ask, { name: option.dataset.adult || option.text });
    this.confirm.showModal();
    (mode === "mandatory" ? this.reason : send).focus();
  }

  // By fetch, so that a server that does not answer costs nothing of what was chosen.
  async send() {
    if (this.sending) return;
    this.sending = true;
    const button = this.confirm.querySelector("[data-send]");
    button.setAttribute("aria-busy", "true");
    this.sent.disabled = false;
    try {
      const body = new URLSearchParams(new FormData(this.form));
      await this.show(await fetch(this.form.action, { method: "POST", body }));
    } catch {
      toast("", say("unreachable"));
    }
    this.sending = false;
    button.removeAttribute("aria-busy");
  }

  // The answer is a page: the pass, or the form with the refusal and what was chosen.
  async show(answer) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.getElementById("main");
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
      location.assign(answer.url);
    } else if (answer.status >= 500 || !main) {
      const text = (part) => page.querySelector(`main ${part}`)?.textContent;
      toast(text("h1") ?? "", text("p") ?? say("failed"));
    } else {
      document.getElementById("main").replaceWith(document.adoptNode(main));
      htmx.process(main);
      main.focus({ preventScroll: true });
      scrollTo(0, 0);
      const state = document.getElementById("ticket-state");
      if (state) announce(state.textContent.trim());
    }
  }
}

// Filters the buttons of a list by every word typed; Enter takes the first, arrows walk.
function search(field, list, none, told = () => {}) {
  const buttons = () => [...list.querySelectorAll("button")];
  const shown = () => buttons().filter((button) => !button.hidden && !button.matches(".is-here"));
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    for (const button of buttons()) {
      const text = plain(button.textContent);
      button.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of list.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("button:not([hidden])");
    }
    none.hidden = shown().length > 0;
    told(words.length > 0);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (field.value.trim()) shown()[0]?.click();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      shown()[0]?.focus();
    }
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const row = shown();
    const next = row.indexOf(document.activeElement) + step;
    (next < 0 ? field : row[Math.min(next, row.length - 1)]).focus();
  });
}

customElements.define("place-picker", PlacePicker);
