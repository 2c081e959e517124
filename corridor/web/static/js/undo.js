// Undo: the answer to a press brings an offer that stays for some seconds, in the corner across from
// the toasts, also over an open dialog. It takes no focus, and goes when something else happens to the
// pass.
import { followDialog } from "./forms.js";
import { announce } from "./words.js";

document.addEventListener("corridor:card", ({ detail }) => {
  if (detail.matches(".undo")) offer(detail);
  else withdraw(detail);
});

function offer(fresh) {
  const place = document.getElementById("undos");
  document.getElementById(fresh.id)?.remove();
  place.prepend(fresh);
  while (place.children.length > 3) place.lastElementChild.remove();
  htmx.process(fresh);
  followDialog();
  announce(fresh.textContent.trim());
  setTimeout(() => {
    const rest = fresh.closest("dialog")?.querySelector("[data-close]") ?? document.getElementById("main");
    if (fresh.contains(document.activeElement)) rest.focus();
    fresh.remove();
  }, Number(fresh.dataset.seconds) * 1000);
}

// Whatever happens to the pass after it: there is nothing to undo any more.
function withdraw(card) {
  const shown = document.getElementById(`undo-${card.dataset.id}`);
  if (shown && Number(card.dataset.version) > Number(shown.dataset.version)) shown.remove();
}
