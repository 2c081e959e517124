// <start-end>: the end time and the duration recompute each other; how many students are ticked.
import { serverNow } from "./clock.js";
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

const form = document.querySelector(".start-class");
const told = form.querySelector("[data-ticked]");
const boxes = [...form.querySelectorAll('.start-list input[type="checkbox"]')];

function count() {
  const ticked = boxes.filter((box) => box.checked).length;
  told.textContent = fill(told.dataset.some, { count: ticked, all: boxes.length });
}

for (const [selector, checked] of [["[data-tick-all]", true], ["[data-tick-none]", false]]) {
  const button = form.querySelector(selector);
  button.hidden = boxes.length === 0;
  button.addEventListener("click", () => {
    for (const box of boxes) if (!checked || box.name === "students") box.checked = checked;
    count();
  });
}
form.addEventListener("change", count);
count();
