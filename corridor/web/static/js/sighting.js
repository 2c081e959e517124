// A student of this adult's room was met without a pass: told at once, moving nothing.
import { toast } from "./forms.js";

document.addEventListener("corridor:card", ({ detail }) => {
  if (detail.matches(".sighting")) toast(detail.dataset.title, detail.textContent);
});
