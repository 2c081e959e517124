// <file-drop>: a file field that a file may also be dragged onto. Without it: the same field.
class FileDrop extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector('input[type="file"]');
    const hint = document.createElement("span");
    hint.className = "quiet small";
    hint.textContent = this.dataset.hint;
    this.append(hint);
    this.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.classList.add("is-over");
    });
    this.addEventListener("dragleave", () => this.classList.remove("is-over"));
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      this.classList.remove("is-over");
      const files = event.dataTransfer?.files;
      if (!files?.length) return;
      this.field.files = files;
      this.field.dispatchEvent(new Event("change", { bubbles: true }));
      this.field.focus();
    });
  }
}

customElements.define("file-drop", FileDrop);

// A file that misses its field must not replace the page.
for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
}
