// <student-search>: a combobox over what the server finds; the chosen id goes into a hidden field.
// With `many` there is a list of whom one has chosen, and one field has all of their ids: a whole
// grade would be more fields than the server reads of a form.
class StudentSearch extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector('[role="combobox"]');
    this.chosen = this.querySelector("[data-chosen]");
    this.list = this.querySelector('[role="listbox"]');
    this.status = document.createElement("p");
    this.status.className = "help";
    this.status.setAttribute("role", "status");
    this.append(this.status);
    if (this.chosen.value) this.chosenName = this.field.value;
    this.field.addEventListener("input", () => {
      this.chosen.value = "";
      this.chosenName = "";
      this.check();
      if (!this.field.value.trim()) this.close();
    });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    // The list keeps the focus in the field.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) this.choose(option);
    });
    // Also those that were chosen before the page was drawn.
    this.querySelector("[data-added]")?.addEventListener("click", (event) => {
      if (!event.target.closest("button")) return;
      event.target.closest("li").remove();
      this.keep();
      this.field.focus();
    });
    if (this.hasAttribute("many")) this.keepOverReload();
    this.addEventListener("htmx:afterSwap", () => this.open());
    this.check();
    // On a slow machine somebody types before the scripts are there, and htmx heard nothing of it.
    if (document.readyState === "complete") this.typedEarly();
    else document.addEventListener("DOMContentLoaded", () => this.typedEarly(), { once: true });
  }

  typedEarly() {
    const looking = document.activeElement === this.field && this.field.value.trim();
    if (looking && !this.chosen.value) this.field.dispatchEvent(new Event("typed-early"));
  }

  // A page that is drawn afresh (kept-forms.js) keeps whom one has chosen, too.
  keepOverReload() {
    const account = document.querySelector('meta[name="page-account"]')?.content ?? "";
    const key = `corridor.chosen.${account}.${location.pathname}`;
    const list = this.querySelector("[data-added]");
    try {
      const kept = JSON.parse(sessionStorage.getItem(key));
      sessionStorage.removeItem(key);
      if (kept) {
        list.replaceChildren();
        for (const one of kept) this.add({ dataset: one });
        this.keep();
      }
    } catch {
      // No storage: the page is drawn as if nobody was chosen.
    }
    document.addEventListener("corridor:reload", () => {
      const kept = [...list.children]
        .map((row) => ({ value: row.dataset.id, name: row.querySelector("bdi").textContent }));
      try {
        sessionStorage.setItem(key, JSON.stringify(kept));
      } catch {
        // As above.
      }
    });
  }

  get options() {
    return [...this.list.querySelectorAll('[role="option"]')];
  }

  get active() {
    return this.list.querySelector('[aria-selected="true"]');
  }

  check() {
    const missing = this.field.value && !this.chosen.value;
    this.field.setCustomValidity(missing ? this.dataset.choose : "");
  }

  open() {
    if (this.chosen.value || document.activeElement !== this.field) return;
    const found = this.options.length;
    this.list.hidden = !found;
    this.field.setAttribute("aria-expanded", String(found > 0));
    this.status.textContent = found || !this.field.value.trim() ? "" : this.dataset.none;
    if (found) this.mark(this.options[0]);
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  mark(option) {
    for (const other of this.options) other.setAttribute("aria-selected", String(other === option));
    this.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  choose(option) {
    this.chosen.value = option.dataset.value;
    this.chosenName = option.dataset.name;
    this.field.value = option.dataset.name;
    this.status.textContent = "";
    this.check();
    this.close();
    if (this.hasAttribute("many")) this.add(option);
    this.chosen.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Several students: each is added below, and the field is free for the next one.
  add(option) {
    const { value, name } = option.dataset;
    this.chosen.value = "";
    this.field.value = "";
    this.check();
    const list = this.querySelector("[data-added]");
    if (list.querySelector(`li[data-id="${CSS.escape(value)}"]`)) return;
    const item = this.querySelector("template").content.firstElementChild.cloneNode(true);
    item.dataset.id = value;
    item.querySelector("bdi").textContent = name;
    const remove = item.querySelector("button");
    remove.setAttribute("aria-label", `${remove.getAttribute("aria-label")}: ${name}`);
    list.append(item);
    this.keep();
  }

  keep() {
    const rows = [...this.querySelectorAll("[data-added] > li")];
    this.querySelector("[data-ids]").value = rows.map((row) => row.dataset.id).join(" ");
  }

  key(event) {
    const open = !this.list.hidden;
    if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && open && this.active) {
      event.preventDefault();
      this.choose(this.active);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.options.length) {
      event.preventDefault();
      if (!open) {
        this.open();
        return;
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      const all = this.options;
      const next = (all.indexOf(this.active) + step + all.length) % all.length;
      this.mark(all[next]);
    }
  }
}

customElements.define("student-search", StudentSearch);
