// <class-console>: cards of students come by the stream and find their place. Nothing moves under
// a pointer or focus: what a card says changes at once, its place only when nobody is at the cards.
import { serverNow } from "./clock.js";
import { morph } from "./morph.js";
import { announce, fill } from "./words.js";

const LET_GO_AFTER = 600;
const BACK_FOR = 2500;
const LOOK_EVERY = 10000;
// About as high as a line of text, in pixels.
const LINE = 24;
// By which a student is chosen; the form of a raised hand names the student too.
const BOX = 'input[type="checkbox"][name="students"]';
const words = document.getElementById("console-words").dataset;
const collator = new Intl.Collator(document.documentElement.lang);

class ClassConsole extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector(".students");
    this.pointerInside = false;
    for (const set of ["view", "zoom", "sort", "group"]) this.recall(set);
    this.hear = ({ detail }) => this.take(detail);
    document.addEventListener("corridor:card", this.hear);
    this.closed = ({ target }) => this.refocus(target);
    document.addEventListener("close", this.closed, true);
    this.opener = null; // the card whose dialog is open
    this.opens = ({ target }) => {
      const button = target.closest('[hx-target="#detail"]');
      if (button && !button.closest("dialog")) this.opener = button.closest(".student");
    };
    document.addEventListener("click", this.opens, true);
    this.place = null; // where somebody reads a conversation that is drawn again
    this.drawing = ({ detail }) => this.keepPlace(detail);
    document.addEventListener("htmx:beforeSwap", this.drawing);
    this.drawn = ({ detail }) => this.showNewest(detail.target);
    document.addEventListener("htmx:afterSwap", this.drawn);
    this.addEventListener("click", (event) => this.press(event));
    this.addEventListener("change", () => this.countChosen());
    this.list.addEventListener("keydown", (event) => this.pressKey(event));
    // Some browsers press a button when Space is let go, whatever became of its beginning.
    this.list.addEventListener("keyup", (event) => {
      if (event.key === " " && event.target.matches(".name-button")) event.preventDefault();
    });
    this.list.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "touch") this.pointer(true);
    });
    this.list.addEventListener("pointerdown", () => this.pointer(true));
    this.list.addEventListener("pointerleave", () => this.pointer(false));
    this.list.addEventListener("pointercancel", () => this.pointer(false));
    this.list.addEventListener("focusout", () => this.letGoSoon());
    document.documentElement.addEventListener("pointerleave", () => this.pointer(false));
    this.ticking = setInterval(() => this.tick(), 1000);
    this.looking = setInterval(() => this.look(), LOOK_EVERY);
    this.order();
    this.count();
    this.countChosen();
    this.tick();
    this.look();
  }

  disconnectedCallback() {
    document.removeEventListener("corridor:card", this.hear);
    document.removeEventListener("close", this.closed, true);
    document.removeEventListener("click", this.opens, true);
    document.removeEventListener("htmx:beforeSwap", this.drawing);
    document.removeEventListener("htmx:afterSwap", this.drawn);
    this.reading?.disconnect();
    clearInterval(this.ticking);
    clearInterval(this.looking);
  }

  // What comes by the stream

  take(fresh) {
    if (fresh.matches(".student")) this.takeStudent(fresh);
    else if (fresh.id === "session") this.takeBar(fresh);
    else if (fresh.matches(".command-results")) this.takeResults(fresh);
  }

  takeStudent(fresh) {
    const present = document.getElementById(fresh.id);
    if (present && Number(fresh.dataset.version) < Number(present.dataset.version)) return;
    if (present) {
      this.tell(present, fresh);
      // What was chosen here is not the server's to know.
      fresh.querySelector(BOX).checked = present.querySelector(BOX).checked;
      const isBack = fresh.dataset.back && fresh.dataset.back !== present.dataset.back;
      // Nor that it still flashes: whoever joins when back has a second card at once.
      fresh.classList.toggle("is-back", present.classList.contains("is-back"));
      morph(present, fresh);
      if (isBack) this.flash(present);
    } else {
      this.list.append(fresh);
      htmx.process(fresh);
    }
    this.orderSoon();
    this.count();
    this.refreshDialog(fresh);
  }

  tell(present, fresh) {
    const name = fresh.dataset.first;
    if (fresh.querySelector(".is-hand") && !present.querySelector(".is-hand")) {
      announce(fill(words.raised, { name }));
    }
    const badge = (card) => card.querySelector(".pass-badge");
    if (badge(fresh) && !badge(present)) {
      announce(fill(words.out, { name, place: badge(fresh).querySelector(".badge-place").textContent }));
    } else if (fresh.dataset.back && fresh.dataset.back !== present.dataset.back) {
      announce(fill(words.back, { name }));
    }
    const unread = (card) => Number(card.querySelector(".is-message [aria-hidden]")?.textContent ?? 0);
    if (unread(fresh) > unread(present)) announce(fill(words.wrote, { name }));
  }

  // Somebody who is back from a pass: the card flashes (by its style, not with reduced motion).
  flash(card) {
    card.classList.add("is-back");
    setTimeout(() => card.classList.remove("is-back"), BACK_FOR);
  }

  takeBar(fresh) {
    const present = document.getElementById("session");
    if (Number(fresh.dataset.version) < Number(present.dataset.version)) return;
    for (const open of present.querySelectorAll(":popover-open")) open.hidePopover();
    morph(present, fresh);
    const over = fresh.dataset.state !== "running";
    for (const button of this.querySelectorAll("[data-command]")) {
      if (over) button.setAttribute("aria-disabled", "true");
    }
    this.tick();
  }

  takeResults(fresh) {
    const shown = document.getElementById(fresh.id);
    if (shown && shown !== fresh && Number(fresh.dataset.version) > Number(shown.dataset.version)) {
      morph(shown, fresh.cloneNode(true));
    }
    const last = this.querySelector("[data-last]");
    if (Number(fresh.dataset.id) < Number(last.dataset.id ?? 0)) return;
    last.dataset.id = fresh.dataset.id;
    last.replaceChildren(...fresh.querySelector("[data-counted]").cloneNode(true).childNodes);
    last.setAttribute("hx-get", fresh.dataset.address);
    last.hidden = false;
    htmx.process(last);
  }

  // An open dialog about this student is drawn again, unless somebody is writing in it.
  refreshDialog(fresh) {
    const dialog = document.getElementById("detail");
    const shown = dialog.open && dialog.querySelector("[data-one]");
    if (!shown || shown.dataset.one !== fresh.dataset.id) return;
    if (!this.isNewer(shown, fresh)) return;
    if (this.isWriting(dialog)) return;
    // A class that is over, or has the student no more, tells nothing of a pass: of the student, why.
    const isPast = shown.dataset.detail && /^(over|another_class)$/.test(fresh.dataset.state);
    const about = isPast ? fresh.querySelector(".name-button").getAttribute("hx-get") : null;
    htmx.ajax("GET", about ?? shown.dataset.address, { target: "#detail", source: shown });
  }

  isWriting(dialog) {
    return [...dialog.querySelectorAll("textarea")].some((field) => field.value)
      || dialog.querySelector("textarea:focus, form:focus-within") !== null;
  }

  // Somebody may have begun to write while a newer state was on the way: it is not shown then.
  // Whoever reads further up stays there; whoever reads the end, or has just written, goes along.
  keepPlace(swap) {
    const { target, requestConfig } = swap;
    if (target.id !== "detail") return;
    if (requestConfig.elt.matches?.(".one-student") && this.isWriting(target)) swap.shouldSwap = false;
    this.place = null;
    const shown = target.open && requestConfig.verb === "get" && target.querySelector(".one-student");
    if (!shown) return;
    const { scrollTop, scrollHeight, clientHeight } = shown.querySelector(".conversation");
    if (scrollHeight - scrollTop - clientHeight < LINE) return;
    this.place = { one: shown.dataset.one, top: scrollTop };
  }

  // The dialog about a student opens at what was written last; what the student wrote is read when the
  // newest of it is in sight, not before.
  showNewest(dialog) {
    this.reading?.disconnect();
    const shown = dialog.id === "detail" && dialog.querySelector(".one-student");
    if (!shown) return;
    const lines = shown.querySelector(".conversation");
    const isReading = this.place?.one === shown.dataset.one;
    lines.scrollTop = isReading ? this.place.top : lines.scrollHeight;
    const newest = [...lines.querySelectorAll(".is-theirs")].at(-1);
    // An admin who acts as the teacher takes nothing from what waits for the teacher.
    if (!newest || !shown.dataset.unread || "still" in this.dataset) return;
    this.reading = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      this.reading.disconnect();
      this.post(shown.dataset.unread);
    });
    this.reading.observe(newest);
  }

  // The badge or the door that opened a dialog may have gone meanwhile: the student's card has not.
  refocus(dialog) {
    const isLost = document.activeElement === document.body || dialog.contains(document.activeElement);
    if (dialog.id === "detail" && isLost) this.opener?.querySelector(".name-button").focus();
  }

  // Of a dialog about the student: the card; about a pass: its badge, which goes with the pass.
  isNewer(shown, fresh) {
    const { oneVersion, detail, detailVersion } = shown.dataset;
    if (!detail) return Number(oneVersion) < Number(fresh.dataset.version);
    const badge = fresh.querySelector(".pass-badge");
    return badge ? Number(badge.dataset.passVersion) > Number(detailVersion) : "out" in shown.dataset;
  }

  // Order: by name, whoever is not there at the end

  get isInUse() {
    return this.pointerInside || this.list.querySelector(":focus-visible") !== null;
  }

  pointer(inside) {
    this.pointerInside = inside;
    if (inside) clearTimeout(this.lettingGo);
    else this.letGoSoon();
  }

  letGoSoon() {
    clearTimeout(this.lettingGo);
    this.lettingGo = setTimeout(() => this.orderSoon(), LET_GO_AFTER);
  }

  orderSoon() {
    if (!this.isInUse) this.order();
  }

  order() {
    const by = this.dataset.sort;
    const cards = [...this.list.children];
    const sorted = [...cards].sort((one, other) => one.dataset.rank - other.dataset.rank
      || collator.compare(one.dataset[by], other.dataset[by])
      || one.dataset.id - other.dataset.id);
    if (sorted.some((card, place) => card !== cards[place])) this.list.append(...sorted);
    const group = this.dataset.group;
    for (const card of cards) {
      card.hidden = group !== "" && !card.dataset.groups.split(" ").includes(group);
    }
  }

  // Presses of the page itself

  press(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.set) this.set(button.dataset.set, button.value);
    else if ("chooseAll" in button.dataset) this.chooseAll();
  }

  recall(name) {
    let kept = null;
    try { kept = localStorage.getItem(`console-${name}`); } catch { /* no storage: as drawn */ }
    const possible = [...this.querySelectorAll(`[data-set="${name}"]`)].map((one) => one.value);
    if (name !== "group" && possible.includes(kept)) this.dataset[name] = kept;
    this.showPressed(name);
  }

  set(name, value) {
    this.dataset[name] = value;
    try { localStorage.setItem(`console-${name}`, value); } catch { /* not remembered */ }
    this.showPressed(name);
    this.order();
    this.countChosen();
  }

  showPressed(name) {
    for (const button of this.querySelectorAll(`[data-set="${name}"]`)) {
      button.setAttribute("aria-pressed", String(button.value === this.dataset[name]));
    }
  }

  get boxes() {
    return [...this.list.querySelectorAll(`.student:not([hidden]) ${BOX}`)];
  }

  chooseAll() {
    const all = this.boxes.every((box) => box.checked);
    for (const box of this.list.querySelectorAll(BOX)) box.checked = false;
    if (!all) for (const box of this.boxes) box.checked = true;
    this.countChosen();
  }

  countChosen() {
    const count = this.list.querySelectorAll(`${BOX}:checked`).length;
    const line = this.querySelector("[data-chosen]");
    const told = count ? fill(line.dataset.some, { count }) : line.dataset.none;
    if (line.textContent !== told) line.textContent = told;
  }

  // Everybody is counted once: out on a pass, here, or away.
  count() {
    const cards = [...this.list.children];
    const inside = cards.filter((card) => !card.querySelector(".pass-badge"));
    const away = inside.filter((card) => card.dataset.rank === "1").length;
    this.querySelector("[data-count-here]").textContent = inside.length - away;
    this.querySelector("[data-count-away]").textContent = away;
    const out = this.querySelector("[data-count-out]");
    if (out) out.textContent = cards.length - inside.length;
    const hands = this.querySelector("[data-count-hands]");
    hands.textContent = cards.filter((card) => card.querySelector(".is-hand")).length;
    const { dataset } = hands.previousElementSibling;
    hands.previousElementSibling.textContent = hands.textContent === "1" ? dataset.one : dataset.more;
  }

  // A card is one stop of the Tab key: its name. Space ticks and Enter opens, also from the box; what
  // else can be pressed on a card stands in the dialog too.
  pressKey(event) {
    const { target, key } = event;
    const here = target.closest(".student");
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    const [name, box] = [here.querySelector(".name-button"), here.querySelector(BOX)];
    const meant = key === " " && target === name ? box : key === "Enter" && target === box ? name : null;
    if (!meant) {
      this.walk(event, here);
      return;
    }
    event.preventDefault();
    if (!event.repeat) meant.click();
  }

  // Arrows go from card to card.
  walk(event, here) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns };
    const rtl = getComputedStyle(this).direction === "rtl" && event.key.match(/Left|Right/);
    const step = (steps[event.key] ?? 0) * (rtl ? -1 : 1);
    if (!step) return;
    const cards = [...this.list.querySelectorAll(".student:not([hidden])")];
    const next = cards[cards.indexOf(here) + step];
    if (!next) return;
    event.preventDefault();
    next.querySelector(".name-button").focus();
  }

  // Pictures are taken only while somebody has the cards before their eyes.
  look() {
    if (document.hidden || !this.dataset.look || this.dataset.view !== "cards") return;
    const here = [...this.list.querySelectorAll('.student:not([hidden], .is-away)')];
    if (here.length === 0) return;
    const students = new URLSearchParams(here.map((card) => ["students", card.dataset.id]));
    this.post(this.dataset.look, students);
  }

  // What nobody has pressed. No answer: the line about the connection says so; it is sent again when
  // somebody looks again.
  async post(address, body) {
    const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content };
    try {
      await fetch(address, { method: "POST", body, headers });
    } catch { /* said above */ }
  }

  get columns() {
    return getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
  }

  tick() {
    const clock = this.querySelector("class-countdown");
    if (clock) {
      const minutes = Math.ceil((Date.parse(clock.getAttribute("until")) - serverNow()) / 60000);
      const told = minutes > 0 ? fill(words.left, { minutes }) : words.soon;
      if (clock.textContent !== told) clock.textContent = told;
    }
  }
}

customElements.define("class-console", ClassConsole);

// While an admin acts as somebody nothing comes by the stream: what the admin did shows by loading
// afresh, once the dialog that tells of it is closed.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const isStill = document.querySelector("class-console[data-still]");
  if (!isStill || !detail.successful || detail.requestConfig.verb !== "post") return;
  const dialog = document.getElementById("detail");
  if (dialog.open) dialog.addEventListener("close", () => location.reload(), { once: true });
  else location.reload();
});
