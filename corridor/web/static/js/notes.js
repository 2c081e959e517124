// Who was taken over by which class: notes that come by the stream, each with Undo for 30 seconds.
//
// On a console a note goes with its Undo: the student's card says where the student is. On any other
// page (data-stays) it waits until somebody closes it.
import { serverNow } from "./clock.js";

const place = document.querySelector(".console-notes");

document.addEventListener("corridor:card", ({ detail }) => {
  if (detail.matches(".console-note")) take(detail);
  else if (detail.matches(".student, .note-over")) settle(detail);
});

function take(fresh) {
  if (document.getElementById(fresh.id)) return;
  place.append(fresh);
  htmx.process(fresh);
}

// A student whom the class of the note has no more: with the last of them the note is over.
function settle({ dataset: { id, version, movedTo } }) {
  for (const note of [...place.children]) {
    const ids = note.dataset.students.split(" ");
    const isNewer = Number(version) > Number(note.dataset.version);
    if (!isNewer || !ids.includes(id) || movedTo === note.dataset.id) continue;
    note.dataset.students = ids.filter((one) => one !== id).join(" ");
    if (!note.dataset.students) remove(note);
  }
}

function remove(note) {
  if (note.contains(document.activeElement)) document.getElementById("main").focus();
  note.remove();
}

// What was undone needs its note no longer.
place.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const note = target.closest(".console-note");
  if (detail.successful && note) remove(note);
});

place.addEventListener("click", ({ target }) => {
  if (target.closest("[data-shut-note]")) remove(target.closest(".console-note"));
});

setInterval(() => {
  for (const note of [...place.children]) {
    if (Date.parse(note.dataset.until) >= serverNow()) continue;
    if ("stays" in note.dataset) note.querySelector("form")?.remove();
    else remove(note);
  }
}, 1000);
