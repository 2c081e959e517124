// <pass-board>: rows come by the stream and find their place. Nothing moves under a pointer or
// focus: while somebody is about to press, what would move waits behind the "2 new" bar.
import { serverNow } from "./clock.js";
import { morph } from "./morph.js";
import { announce, say } from "./words.js";
import { ring } from "./sound.js";

const LET_GO_AFTER = 600;
const KEEP_ENDED = 200;
export const TELL_AFTER = 150;
// Longer than a double press: its second half must not hit the button that came instead.
const NEW_BUTTONS_AFTER = 1000;
// A pointer that has rested in the list for so long is nobody about to press.
const AT_REST_AFTER = 60000;
// Not all boards of a school in the same instant.
const TURN_WITHIN = 2000;
const TOUCHES = ["pointermove", "pointerdown", "keydown"];

class PassBoard extends HTMLElement {
  connectedCallback() {
    this.held = new Map(); // id of the row → the newest fragment that waits
    this.versions = new Map(); // id of the row → newest version heard, also of rows not shown
    this.sections = new Map(); // id of the row → the list it belongs to, shown here or not
    this.takenBack = new Set(); // ids of rows whose last step is being undone on this page
    this.lists = new Map([...this.querySelectorAll("ul[data-section]")]
      .map((list) => [list.dataset.section, list]));
    // Who waits already is nobody new, on the tabs that do not show them either.
    for (const id of (this.getAttribute("waiting") ?? "").split(" ").filter(Boolean)) {
      this.sections.set(id, "waiting");
    }
    for (const row of this.querySelectorAll(".row")) {
      this.sections.set(row.id, row.dataset.section);
      this.versions.set(row.id, Number(row.dataset.version));
    }
    this.news = this.querySelector("[data-news]");
    this.news.addEventListener("click", () => this.applyHeld());
    this.elsewhere = this.querySelector("[data-elsewhere]");
    this.asking = new Set(); // ids of rows that have come to wait since this list was loaded
    this.pointerInside = false;
    for (const list of this.lists.values()) {
      list.addEventListener("pointerenter", (event) => {
        if (event.pointerType !== "touch") this.pointer(true);
      });
      list.addEventListener("pointerdown", () => this.pointer(true));
      list.addEventListener("pointerleave", () => this.pointer(false));
      list.addEventListener("pointercancel", () => this.pointer(false));
      list.addEventListener("focusout", () => this.letGoSoon());
    }
    // The pointer may leave the window without leaving the list.
    document.documentElement.addEventListener("pointerleave", () => this.pointer(false));
    this.addEventListener("htmx:beforeRequest", (event) => {
      if (event.target.matches("form")) event.target.closest(".row").dataset.pressed = "";
    });
    this.undo = ({ target }) => {
      const offer = target.closest(".undo");
      if (offer) this.takenBack.add(`pass-${offer.dataset.id}`);
    };
    this.hear = ({ detail }) => {
      if (detail.matches(".row")) this.take(detail);
    };
    this.countAgain = ({ detail }) => {
      this.waitingTold = detail.waiting;
      this.count();
    };
    this.touched = Date.now();
    this.touch = () => { this.touched = Date.now(); };
    for (const kind of TOUCHES) document.addEventListener(kind, this.touch, { passive: true });
    this.watchDay();
    document.addEventListener("htmx:beforeRequest", this.undo);
    document.addEventListener("corridor:card", this.hear);
    document.addEventListener("corridor:tiles", this.countAgain);
    this.title = document.title;
    this.count();
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:beforeRequest", this.undo);
    document.removeEventListener("corridor:card", this.hear);
    document.removeEventListener("corridor:tiles", this.countAgain);
    for (const kind of TOUCHES) document.removeEventListener(kind, this.touch);
    clearInterval(this.turning);
    document.title = this.title;
  }

  get isInUse() {
    return this.pointerInside
      || [...this.lists.values()].some((list) => list.querySelector(":focus-visible"));
  }

  // At the school's midnight today is another day, for every list and number here: the page is
  // loaded afresh, but from under nobody's hand, and only where there is a server to load it from.
  // A page of Classroom stays, whatever is written in it: its panel moves what is today's now.
  watchDay() {
    const ends = Date.parse(this.getAttribute("day-ends") ?? "");
    if (Number.isNaN(ends) && !this.lists.has("future")) return;
    clearInterval(this.turning);
    this.turning = setInterval(() => {
      if (Number.isNaN(ends)) this.turnRows();
      else if (serverNow() >= ends && this.isLeftAlone) this.turn();
    }, 1000);
  }

  get isLeftAlone() {
    return !document.querySelector("dialog[open]") && this.isAtRest;
  }

  get isAtRest() {
    return !this.isInUse || Date.now() - this.touched > AT_REST_AFTER;
  }

  turnRows() {
    const [future, today] = [this.lists.get("future"), this.lists.get("today")];
    const begun = [...future.children].filter((row) => Date.parse(row.dataset.day) <= serverNow());
    if (!begun.length || !this.isAtRest) return;
    const focused = document.activeElement;
    for (const row of begun) {
      row.dataset.section = "today";
      row.querySelector(".on-day")?.remove();
      today.insertBefore(row, this.after(today, row));
      if (row.contains(focused)) focused.focus();
    }
    this.count();
  }

  async turn() {
    clearInterval(this.turning);
    await new Promise((go) => { setTimeout(go, Math.random() * TURN_WITHIN); });
    const answer = await fetch(location.href).catch(() => null);
    if (answer?.ok && !answer.redirected && this.isLeftAlone) location.reload();
    else if (this.isConnected) this.watchDay();
  }

  pointer(inside) {
    this.pointerInside = inside;
    if (inside) clearTimeout(this.lettingGo);
    else this.letGoSoon();
  }

  letGoSoon() {
    clearTimeout(this.lettingGo);
    this.lettingGo = setTimeout(() => {
      if (!this.isInUse) this.applyHeld();
    }, LET_GO_AFTER);
  }

  take(fresh) {
    const version = Number(fresh.dataset.version);
    if (version <= (this.versions.get(fresh.id) ?? 0)) return;
    // Somebody who is called from a line asks anew; so does an appointment that surfaces, and a
    // request that somebody has decided and taken back: to all but those who took it back.
    const waitedBefore = this.sections.get(fresh.id) === "waiting";
    const isNew = !this.takenBack.delete(fresh.id) && !waitedBefore;
    this.sections.set(fresh.id, fresh.dataset.section);
    this.versions.set(fresh.id, version);
    if (isNew && fresh.dataset.section === "waiting") this.tellSoon(fresh, version);
    this.countElsewhere(fresh, isNew);
    const present = document.getElementById(fresh.id);
    const moves = present
      ? present.dataset.section !== fresh.dataset.section
      : this.lists.has(fresh.dataset.section);
    if (present && this.isInUse) {
      this.showInPlace(present, fresh);
      this.hold(fresh);
    } else if (moves && this.isInUse) {
      this.hold(fresh);
    } else {
      this.place(fresh);
      this.count();
    }
    this.refreshDetail(fresh);
  }

  // Who asks shows in another tab than this one: that tab says how many have come.
  countElsewhere(fresh, isNew) {
    if (!this.elsewhere || this.lists.has("waiting")) return;
    if (fresh.dataset.section !== "waiting") this.asking.delete(fresh.id);
    else if (isNew) this.asking.add(fresh.id);
    this.elsewhere.hidden = this.asking.size === 0;
    const [number, told] = this.elsewhere.children;
    number.textContent = this.asking.size;
    told.textContent = ` ${say("someNew", { count: this.asking.size })}`;
  }

  // After a cut much comes at once: of a request that was decided meanwhile nothing is said.
  tellSoon(row, version) {
    setTimeout(() => {
      if (this.versions.get(row.id) === version) this.tell(row);
    }, TELL_AFTER);
  }

  tell(row) {
    const way = row.querySelector(".way");
    const [from, to] = [...way.querySelectorAll("bdi")].map((place) => place.textContent);
    const arrow = way.querySelector("svg").getAttribute("aria-label");
    const name = row.querySelector(".who bdi").textContent;
    const appointment = row.querySelector(".appointed")?.textContent;
    announce(say(appointment ? "appointed" : "asks", { name, appointment, way: `${from} ${arrow} ${to}` }));
    if (!document.documentElement.hasAttribute("data-quiet")) ring();
  }

  // What is true now, without changing the row's height or anybody's place: word, symbol, tone,
  // clock; buttons stay where they are and those that are no longer possible cannot be pressed.
  showInPlace(present, fresh) {
    present.className = fresh.className;
    present.classList.add("is-held");
    present.querySelector(".chip").replaceWith(fresh.querySelector(".chip").cloneNode(true));
    const clock = fresh.querySelector("pass-clock");
    const shown = present.querySelector("pass-clock");
    for (const name of clock && shown ? ["since", "until"] : []) {
      const value = clock.getAttribute(name);
      if (value === null) shown.removeAttribute(name);
      else shown.setAttribute(name, value);
    }
    if ("pressed" in present.dataset) {
      this.exchangeButtons(present, fresh);
      return;
    }
    const possible = new Set([...fresh.querySelectorAll("[data-move]")].map((b) => b.dataset.move));
    for (const button of present.querySelectorAll("[data-move]")) {
      if (possible.has(button.dataset.move)) button.removeAttribute("aria-disabled");
      else button.setAttribute("aria-disabled", "true");
    }
  }

  // The row somebody has just pressed gets its next buttons where it is; they wake after a moment.
  exchangeButtons(present, fresh) {
    const moves = present.querySelector(".moves");
    const hadFocus = moves.contains(document.activeElement);
    const next = fresh.querySelector(".moves").cloneNode(true);
    moves.replaceWith(next);
    htmx.process(next);
    const buttons = [...next.querySelectorAll("button")];
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    setTimeout(() => {
      for (const button of buttons) button.removeAttribute("aria-disabled");
    }, NEW_BUTTONS_AFTER);
    if (hadFocus) (buttons[0] ?? present.querySelector(".name-button")).focus();
  }

  hold(fresh) {
    this.held.set(fresh.id, fresh);
    this.showNews();
  }

  // New rows are counted first; a row that its reader has just pressed is no news.
  showNews() {
    let arrived = 0;
    let changed = 0;
    for (const fresh of this.held.values()) {
      const present = document.getElementById(fresh.id);
      if (!present) arrived += 1;
      else if (present.dataset.section !== fresh.dataset.section && !("pressed" in present.dataset)) {
        changed += 1;
      }
    }
    this.news.hidden = arrived + changed === 0;
    this.news.textContent = arrived ? say("someNew", { count: arrived })
      : say("someChanged", { count: changed });
  }

  applyHeld() {
    const waiting = [...this.held.values()];
    this.held.clear();
    const hadFocus = document.activeElement === this.news;
    for (const fresh of waiting) this.place(fresh);
    this.news.hidden = true;
    if (hadFocus) (this.querySelector(".row button") ?? this.querySelector("a")).focus();
    this.count();
  }

  place(fresh) {
    this.held.delete(fresh.id);
    const present = document.getElementById(fresh.id);
    const list = this.lists.get(fresh.dataset.section);
    if (!list) {
      present?.remove();
      return;
    }
    const row = present ?? fresh;
    if (present) morph(present, fresh);
    const next = this.after(list, row);
    if (row.parentElement !== list || row.nextElementSibling !== next) list.insertBefore(row, next);
    if (!present) htmx.process(row);
    if (list.dataset.section === "ended") {
      while (list.children.length > KEEP_ENDED) list.lastElementChild.remove();
    }
  }

  // The row before which this one belongs: oldest first, among the ended newest first.
  after(list, row) {
    const direction = list.dataset.section === "ended" ? -1 : 1;
    const time = (element) => direction * Date.parse(element.dataset.sort);
    const mine = time(row);
    const later = (other) => time(other) > mine
      || (time(other) === mine && Number(other.dataset.id) > Number(row.dataset.id));
    return [...list.children].find((other) => other !== row && later(other)) ?? null;
  }

  count() {
    for (const [name, list] of this.lists) {
      const place = this.querySelector(`[data-count="${name}"]`);
      if (place) place.textContent = list.children.length || "";
    }
    const list = this.lists.get("waiting");
    const waiting = list ? list.children.length : this.waitingTold ?? 0;
    document.title = waiting ? `(${waiting}) ${this.title}` : this.title;
  }

  // An open dialog about this pass is drawn again, unless somebody is writing in it.
  refreshDetail(fresh) {
    const dialog = document.getElementById("detail");
    const shown = dialog?.open && dialog.querySelector("[data-detail]");
    if (!shown || shown.dataset.detail !== fresh.dataset.id) return;
    if (Number(shown.dataset.detailVersion) >= Number(fresh.dataset.version)) return;
    const written = [...dialog.querySelectorAll("textarea")].some((field) => field.value)
      || dialog.querySelector("details[open]");
    if (written || dialog.querySelector("input:focus")) return;
    // On a console the dialog is of the class, with an address of its own.
    const address = shown.dataset.address ?? fresh.querySelector("[hx-get]")?.getAttribute("hx-get");
    if (address) htmx.ajax("GET", address, { target: "#detail", source: shown });
    else dialog.close(); // its reader may not read the pass any more
  }
}

customElements.define("pass-board", PassBoard);
