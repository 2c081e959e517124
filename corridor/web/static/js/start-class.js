// <start-end>: the end time and the duration recompute each other; how many students are ticked.
import { serverNow } from "./clock.js";
import { morph } from "./morph.js";
import { fill } from "./words.js";

const DAY = 24 * 60;

class StartEnd extends HTMLElement {
  connectedCallback() {
    this.time = this.querySelector('[name="ends_at"]');
    this.drawn = this.querySelector('[name="drawn_ends_at"]');
    this.minutes = this.querySelector('[name="minutes"]');
    // The school's clock, as the server drew it: its end less the duration.
    this.offset = this.wall(this.time.value) - Number(this.minutes.value) - this.minuteOfDay();
    this.minutes.addEventListener("input", () => this.toTime());
    this.time.addEventListener("input", () => this.toMinutes());
  }

  minuteOfDay() {
    return Math.floor(serverNow() / 60000);
  }

  wall(text) {
    const [hours, minutes] = text.split(":").map(Number);
    return hours * 60 + minutes;
  }

  now() {
    return (((this.minuteOfDay() + this.offset) % DAY) + DAY) % DAY;
  }

  toTime() {
    const minutes = Number(this.minutes.value);
    if (!minutes) return;
    const end = (this.now() + minutes) % DAY;
    const two = (number) => String(number).padStart(2, "0");
    this.time.value = `${two(Math.floor(end / 60))}:${two(end % 60)}`;
    this.drawn.value = this.time.value;
  }

  toMinutes() {
    if (!this.time.value) return;
    const left = (this.wall(this.time.value) - this.now() + DAY) % DAY;
    this.minutes.value = left || DAY;
    this.drawn.value = "";
  }
}

customElements.define("start-end", StartEnd);

const LET_GO_AFTER = 600;
const form = document.querySelector(".start-class");
const selection = document.getElementById("start-selection");

// Who is out is counted once they are in: at once, not when they are back.
function count(part = selection) {
  const boxes = [...part.querySelectorAll('.start-list input[type="checkbox"]')];
  const out = [...part.querySelectorAll(".out-line")];
  const here = out.filter((line) => line.querySelector('[value="now"]:checked, [value="take_over"]:checked'));
  const ticked = boxes.filter((box) => box.checked).length + here.length;
  const told = part.querySelector("[data-ticked]");
  told.textContent = fill(told.dataset.some, { count: ticked, all: boxes.length + out.length });
  for (const button of part.querySelectorAll("[data-tick-all], [data-tick-none]")) button.hidden = !boxes.length;
}

selection.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if ("news" in button.dataset) {
    draw();
    return;
  }
  const checked = "tickAll" in button.dataset;
  for (const box of selection.querySelectorAll('.start-list input[type="checkbox"]')) {
    if (!checked || box.name === "students") box.checked = checked;
  }
  count();
});
form.addEventListener("change", () => count());
count();

// Who has gone out since, or is back: asked anew, and drawn when nobody's pointer or focus is at the
// list; until then a button says so.
let isAsking = false;
let isOld = false;
let waiting = null;
let pointerInside = false;
let lettingGo = 0;

document.addEventListener("corridor:news", ask);

async function ask() {
  isOld = true;
  if (isAsking) return;
  isAsking = true;
  while (isOld) {
    isOld = false;
    try {
      const answer = await fetch(selection.dataset.address);
      if (answer.ok) show(await answer.text());
    } catch {
      // No answer: the stream is lost too, and says so; the press knows who is out.
    }
  }
  isAsking = false;
}

function show(html) {
  const piece = document.createElement("template");
  piece.innerHTML = html;
  waiting = piece.content.firstElementChild;
  if (isInUse()) selection.querySelector("[data-news]").hidden = false;
  else draw();
}

function draw() {
  if (!waiting) return;
  keepChoices(waiting);
  count(waiting);
  morph(selection, waiting);
  waiting = null;
}

// What was chosen here is not the server's to know. Who was ticked and has gone out joins when back.
function keepChoices(fresh) {
  for (const line of selection.querySelectorAll('li[id^="start-"]')) {
    const after = fresh.querySelector(`#${line.id}`);
    if (!after) continue;
    if (isElsewhere(line) !== isElsewhere(after)) continue;
    const [before, fields] = [line, after].map((one) => [...one.querySelectorAll("[type=checkbox], [type=radio]")]);
    const chosen = before.find((field) => field.checked);
    const isIn = chosen !== undefined && !["left_out", "stays"].includes(chosen.value);
    const values = chosen?.type === "radio" ? [chosen.value] : isIn ? ["when_back", "take_over"] : ["left_out", "stays"];
    const wanted = fields.find(({ value }) => values.includes(value));
    for (const field of fields) {
      const checked = field.type === "checkbox" ? isIn : field === wanted;
      field.checked = checked;
      field.toggleAttribute("checked", checked);
    }
  }
}

// Of a student whom another class has, other things are chosen.
function isElsewhere(line) {
  return line.querySelector('[name="take_over"], [value="take_over"]') !== null;
}

function isInUse() {
  return pointerInside || selection.querySelector(":focus-visible") !== null;
}

function letGoSoon() {
  clearTimeout(lettingGo);
  lettingGo = setTimeout(() => {
    if (!isInUse()) draw();
  }, LET_GO_AFTER);
}

selection.addEventListener("pointerenter", ({ pointerType }) => {
  pointerInside = pointerType !== "touch";
});
selection.addEventListener("pointerleave", () => {
  pointerInside = false;
  letGoSoon();
});
selection.addEventListener("focusout", letGoSoon);
