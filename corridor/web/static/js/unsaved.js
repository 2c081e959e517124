// <unsaved-changes>: a form that says so while it holds what is not saved, and asks before leaving.
class UnsavedChanges extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.told = this.querySelector("[data-unsaved]");
    this.text = this.querySelector("template[data-text]").content.textContent;
    // A form that came back with mistakes holds what was typed, and that is not saved.
    this.saved = this.querySelector(".error") ? "" : this.written();
    this.form.addEventListener("input", () => this.tell());
    this.form.addEventListener("submit", () => (this.sent = true));
    addEventListener("pageshow", () => (this.sent = false));
    addEventListener("beforeunload", (event) => {
      if (this.changed && !this.sent) event.preventDefault();
    });
    this.tell();
  }

  get changed() {
    return this.written() !== this.saved;
  }

  tell() {
    this.told.textContent = this.changed ? this.text : "";
  }

  written() {
    const data = new FormData(this.form);
    data.delete("page_account");
    return JSON.stringify([...data]);
  }
}

customElements.define("unsaved-changes", UnsavedChanges);
