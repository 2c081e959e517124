// <pass-centre>: Pass in the corner of Classroom. What asks for an answer pops up, takes no focus,
// and goes everywhere at once when it is decided; the panel holds the same rows as the dashboard.
// Nothing moves under a pointer or focus, and nothing pops up over what is about to be pressed: the
// page has room at its end, so that whatever stands under the stack can be scrolled free of it.
import { TELL_AFTER } from "./board.js";
import "./tabs.js";
import { serverNow } from "./clock.js";
import { morph } from "./morph.js";
import { announce, fill } from "./words.js";

// A key that has just approved one must not approve the next by being held a little longer.
const KEY_AGAIN_AFTER = 800;
const KEPT_LATER = 200;
// About as high as they are, in pixels.
const LOGO = 60;
const POPUP = 190;
// The stack takes at most about half of the window; what has no room is counted ("3 more").
const MOST_OF_WINDOW = 0.55;
const MOST = 3;
const BESIDE = 8;
// Of this person in this browser: the next one to sign in here has modes of their own.
const KEPT = `corridor.passes.${document.querySelector('meta[name="page-account"]')?.content ?? ""}.`;

class PassCentre extends HTMLElement {
  connectedCallback() {
    this.words = this.querySelector("[data-words]").dataset;
    this.logo = this.querySelector("[data-logo]");
    this.dot = this.querySelector("[data-dot]");
    this.stack = this.querySelector("[data-stack]");
    this.more = this.querySelector("[data-more]");
    this.panel = this.querySelector(".pass-panel");
    this.versions = new Map(); // pass → newest version heard
    this.later = new Map(recalled("later") ?? []); // pass → what it popped up for when put off
    this.pointer = null;
    this.keyAfter = 0;
    for (const popup of this.popups) this.versions.set(popup.dataset.id, Number(popup.dataset.version));
    this.hear = ({ detail }) => {
      if (detail.matches(".popup")) this.take(detail);
    };
    this.press = (event) => this.key(event);
    this.move = ({ clientX, clientY, pointerType }) => {
      this.isTouch = pointerType === "touch";
      this.pointer = this.isTouch ? null : { x: clientX, y: clientY };
      if (this.isHeld) this.arrange();
    };
    this.elsewhere = ({ key }) => {
      if (key?.startsWith(KEPT)) this.recallModes();
    };
    document.addEventListener("corridor:card", this.hear);
    document.addEventListener("keydown", this.press);
    document.addEventListener("pointermove", this.move, { passive: true });
    document.addEventListener("pointerdown", this.move, { passive: true });
    this.focus = ({ target }) => this.clear(target);
    this.scroll = () => this.reserve();
    document.addEventListener("focusin", this.focus);
    document.addEventListener("scroll", this.scroll, { passive: true });
    this.sizes = new ResizeObserver(() => this.reserve());
    this.sizes.observe(this);
    addEventListener("storage", this.elsewhere);
    this.addEventListener("click", (event) => this.pressed(event));
    this.stack.addEventListener("pointerleave", () => this.letGoSoon());
    this.stack.addEventListener("focusout", () => this.letGoSoon());
    this.swap = ({ detail }) => {
      if (detail.target.matches?.("#detail:has([data-detail], [data-giving])")) this.mark(detail.target);
    };
    document.addEventListener("htmx:afterSwap", this.swap);
    this.marking = new MutationObserver((all) => {
      for (const one of all.flatMap(({ addedNodes }) => [...addedNodes])) this.mark(one);
    });
    for (const place of document.querySelectorAll("#toasts, .console-notes")) {
      this.marking.observe(place, { childList: true });
      this.mark(place);
    }
    this.panel?.addEventListener("pointerover", ({ target }) => {
      if (this.isNameless) target.closest("[title]")?.removeAttribute("title");
    });
    this.ticking = setInterval(() => this.tick(), 1000);
    this.recallModes();
    this.arrange();
  }

  disconnectedCallback() {
    document.removeEventListener("corridor:card", this.hear);
    document.removeEventListener("keydown", this.press);
    document.removeEventListener("pointermove", this.move);
    document.removeEventListener("pointerdown", this.move);
    document.removeEventListener("focusin", this.focus);
    document.removeEventListener("scroll", this.scroll);
    document.removeEventListener("htmx:afterSwap", this.swap);
    this.marking.disconnect();
    this.sizes.disconnect();
    removeEventListener("storage", this.elsewhere);
    clearInterval(this.ticking);
  }

  // What comes by the stream, or as the answer to a press

  take(fresh) {
    const { id, version, pops } = fresh.dataset;
    if (Number(version) <= (this.versions.get(id) ?? 0)) return;
    this.versions.set(id, Number(version));
    const present = this.stack.querySelector(`#${fresh.id}`);
    if (!pops) {
      if (present) this.over(present, fresh.dataset.word);
    } else if (present && present.dataset.pops === pops) {
      fresh.hidden = present.hidden;
      morph(present, fresh);
    } else {
      present?.remove();
      fresh.hidden = true;
      this.stack.insertBefore(fresh, this.before(fresh));
      htmx.process(fresh);
      if (pops === "coming") this.tellSoon(fresh);
    }
    this.arrange();
  }

  // Decided, here or anywhere: gone at once, unless somebody's pointer or focus is on it. Then it
  // stays where it is, says what became of it, and has nothing to press.
  over(popup, word) {
    this.keyAfter = Date.now() + KEY_AGAIN_AFTER;
    if (!this.isInUse) {
      popup.remove();
      return;
    }
    const hadFocus = popup.querySelector(".moves")?.contains(document.activeElement);
    popup.dataset.over = "";
    popup.dataset.pops = "";
    // A finger rests nowhere, but may come down twice.
    if (this.isTouch) setTimeout(() => this.letGo(), KEY_AGAIN_AFTER);
    popup.querySelector(".popup-word").textContent = word;
    if (hadFocus) popup.querySelector(".name-button").focus();
  }

  // After a cut much comes at once: of a pass that has ended meanwhile nothing is said.
  tellSoon(popup) {
    setTimeout(() => {
      if (popup.isConnected && popup.dataset.pops === "coming") this.tellComing(popup);
    }, TELL_AFTER);
  }

  tellComing(popup) {
    const [from, to] = [...popup.querySelectorAll(".popup-way bdi")].map((place) => place.textContent);
    const name = popup.querySelector(".is-name").textContent;
    announce(fill(this.words.coming, { name, way: `${from} → ${to}` }));
  }

  before(fresh) {
    const time = (popup) => Date.parse(popup.dataset.sort);
    return this.popups.find((other) => time(other) > time(fresh)) ?? null;
  }

  get popups() {
    return [...this.stack.querySelectorAll(".popup")];
  }

  tick() {
    if (this.isQuiet === document.documentElement.hasAttribute("data-quiet")) this.arrange();
    else this.recallModes();
  }

  // Which of them show

  get isOpen() {
    return this.panel !== null && !this.panel.hidden;
  }

  get isInUse() {
    return this.stack.matches(":hover") || this.stack.querySelector(":focus-visible") !== null;
  }

  letGoSoon() {
    clearTimeout(this.lettingGo);
    this.lettingGo = setTimeout(() => {
      if (!this.isInUse) this.letGo();
    }, 300);
  }

  letGo() {
    for (const popup of this.popups) if ("over" in popup.dataset) popup.remove();
    this.arrange();
  }

  wants(popup) {
    const { id, pops, urgent } = popup.dataset;
    if ("over" in popup.dataset) return true;
    const isUrgent = urgent !== "" && Date.parse(urgent) <= serverNow();
    if (this.isOpen) return false;
    if (this.later.get(id) === pops && !(isUrgent && pops === "request")) return false;
    return !this.isQuiet || (isUrgent && pops === "request");
  }

  arrange() {
    this.count();
    // Out of sight it is popped up for nobody; where somebody is about to press, it waits.
    // Who asks goes before who is coming: where few have room, no request is behind a notice.
    const notice = (popup) => Number(popup.dataset.pops === "coming");
    const wanted = this.popups
      .filter((popup) => this.wants(popup))
      .sort((one, other) => notice(one) - notice(other));
    const shown = new Set(wanted.slice(0, this.most));
    const appears = wanted.some((popup) => shown.has(popup) && popup.hidden);
    this.isHeld = appears && this.wouldCover(shown.size);
    for (const popup of this.popups) {
      const show = shown.has(popup);
      if (show && popup.hidden && this.isHeld) continue;
      if (!show && this.isInUse && !this.isOpen && !this.foldedFor && !popup.hidden) continue;
      popup.hidden = !show;
    }
    this.oldest = this.popups.find((popup) => popup.dataset.pops === "request" && !popup.hidden);
    for (const popup of this.popups) popup.toggleAttribute("data-oldest", popup === this.oldest);
    const rest = wanted.length - shown.size;
    this.more.hidden = rest <= 0 || this.isHeld;
    const told = fill(this.words.more, { count: rest });
    if (rest > 0 && this.more.textContent !== told) this.more.textContent = told;
    this.reserve();
  }

  // How many have room one above the other; none while what has the focus cannot be scrolled free.
  get most() {
    if (this.foldedFor && this.foldedFor === document.activeElement) return 0;
    this.foldedFor = null;
    if (innerWidth <= 30 * 16) return 1;
    return Math.min(MOST, Math.max(1, Math.floor((innerHeight * MOST_OF_WINDOW) / POPUP)));
  }

  // Room at the page's end, as high as the stack. It is taken back only as far as nobody sees it.
  reserve() {
    const shows = !this.isOpen && this.popups.some((popup) => !popup.hidden);
    if (!shows && !this.room) return;
    const needed = shows ? Math.ceil(innerHeight - this.getBoundingClientRect().top) + BESIDE : 0;
    const root = document.documentElement;
    const below = root.scrollHeight - innerHeight - scrollY;
    const room = Math.max(needed, Math.min(this.room ?? 0, (this.room ?? 0) - Math.floor(below)));
    if (room === this.room) return;
    this.room = room;
    root.style.setProperty("--pass-room", `${room}px`);
  }

  // Whoever goes on by keyboard to what is under the stack sees it: the page scrolls, and where it
  // cannot (what stays in its place on the screen), the stack folds.
  clear(target) {
    if (this.foldedFor) this.arrange();
    if (this.contains(target) || !target.matches(":focus-visible")) return;
    const over = () => {
      const box = target.getBoundingClientRect();
      const covers = [...this.popups, this.more, this.logo].map((one) => one.getBoundingClientRect());
      const tops = covers.filter((one) => one.width && meets(one, box)).map((one) => one.top);
      return tops.length ? box.bottom - Math.min(...tops) : 0;
    };
    for (let tries = 0; tries < 4 && over(); tries += 1) scrollBy({ top: over() + BESIDE, behavior: "instant" });
    if (!over()) return;
    this.foldedFor = target;
    this.arrange();
  }

  // Whether the pointer, or what has the focus, is where it would pop up.
  wouldCover(count) {
    if (this.isInUse) return false;
    const corner = this.getBoundingClientRect();
    const right = getComputedStyle(this).direction !== "rtl";
    const place = {
      left: right ? innerWidth - 400 : 0, right: right ? innerWidth : 400,
      top: corner.bottom - LOGO - count * POPUP, bottom: corner.bottom,
    };
    const inside = ({ x, y }) => x >= place.left && x <= place.right && y >= place.top && y <= place.bottom;
    const focused = document.activeElement;
    if (this.pointer && inside(this.pointer) && !this.matches(":hover")) {
      const under = document.elementFromPoint(this.pointer.x, this.pointer.y);
      if (under?.closest("a, button, input, select, textarea, summary, label, [role]")) return true;
    }
    if (!focused?.matches(":focus-visible") || this.contains(focused)) return false;
    return meets(focused.getBoundingClientRect(), place);
  }

  count() {
    const count = this.popups.filter((popup) => popup.dataset.pops === "request").length;
    this.dot.hidden = count === 0;
    if (this.dot.textContent !== String(count)) this.dot.textContent = count;
    for (const sum of this.querySelectorAll("[data-counts]")) {
      const lists = sum.dataset.counts.split(" ").map((name) => this.querySelector(`ul[data-section="${name}"]`));
      const rows = lists.reduce((all, list) => all + list.children.length, 0);
      if (sum.textContent !== String(rows || "")) sum.textContent = rows || "";
    }
    const waiting = fill(count ? this.words.waiting : this.words.none, { count });
    const told = this.isQuiet ? fill(this.words.teaching, { waiting }) : waiting;
    if (this.logo.getAttribute("aria-label") !== told) this.logo.setAttribute("aria-label", told);
  }

  // Presses

  pressed(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button === this.logo && this.panel) this.open(this.panel.hidden);
    else if (button === this.more) this.open(true);
    else if ("shut" in button.dataset) this.open(false);
    else if ("later" in button.dataset) this.putOff(button.closest(".popup"));
    else if ("quiet" in button.dataset) this.set("quiet", this.isQuiet ? "" : today());
    else if ("nameless" in button.dataset) this.set("nameless", !this.isNameless);
  }

  putOff(popup) {
    const hadFocus = popup.contains(document.activeElement);
    if ("over" in popup.dataset) popup.remove();
    else this.later.set(popup.dataset.id, popup.dataset.pops);
    popup.hidden = true;
    kept("later", [...this.later].slice(-KEPT_LATER));
    if (hadFocus) this.logo.focus();
    this.arrange();
  }

  open(yes) {
    this.panel.hidden = !yes;
    this.logo.setAttribute("aria-expanded", String(yes));
    if (yes) this.panel.querySelector('[aria-selected="true"]').focus();
    else this.logo.focus();
    this.arrange();
  }

  // Alt and A approve the oldest request that shows, wherever the focus is but in a text.
  key(event) {
    if (event.key === "Escape" && this.isOpen && this.isHere(event.target)) {
      this.open(false);
      return;
    }
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyA" || event.repeat) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (document.querySelector("dialog:modal") || Date.now() < this.keyAfter) return;
    const approve = this.oldest?.querySelector('[data-move="approve"]');
    if (!approve) return;
    event.preventDefault();
    this.keyAfter = Date.now() + KEY_AGAIN_AFTER;
    approve.click();
  }

  // In the panel, or where a row was that has left it; an open dialog closes first.
  isHere(target) {
    const inside = this.panel.contains(target) || target === document.body;
    return inside && !document.querySelector("dialog:modal, :popover-open");
  }

  // Teaching mode, which ends with the day, and names hidden: in all pages of this person at once

  get isQuiet() {
    return recalled("quiet") === today();
  }

  get isNameless() {
    return recalled("nameless") === true;
  }

  // Sentences are whole when they come: the names that this page knows are marked in them, so that
  // they go with all others.
  mark(part) {
    if (!(part instanceof Element)) return;
    const named = ".is-name, .pass-panel .row .name-button bdi, .student .name-button bdi";
    const told = part.dataset.names?.split("|") ?? [];
    const names = new Set([...told, ...[...document.querySelectorAll(named)].map((one) => one.textContent)]);
    const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      if (!texts.currentNode.parentElement.closest(".is-name, textarea, option")) found.push(texts.currentNode);
    }
    for (const name of [...names].sort((one, other) => other.length - one.length)) {
      for (let text of name ? found : []) {
        for (let at = text.data.indexOf(name); at >= 0; at = text.data.indexOf(name)) {
          const rest = text.splitText(at);
          text = rest.splitText(name.length);
          found.push(text);
          rest.replaceWith(this.named(name));
        }
      }
    }
  }

  named(name) {
    const both = document.createDocumentFragment();
    for (const [kind, word] of [["is-name", name], ["no-name", this.words.noName]]) {
      const part = document.createElement(kind === "is-name" ? "bdi" : "span");
      part.className = kind;
      part.textContent = word;
      both.append(part);
    }
    return both;
  }

  set(mode, value) {
    kept(mode, value);
    this.recallModes();
  }

  recallModes() {
    this.later = new Map(recalled("later") ?? []);
    this.querySelector("[data-quiet]")?.setAttribute("aria-pressed", String(this.isQuiet));
    this.querySelector("[data-nameless]")?.setAttribute("aria-pressed", String(this.isNameless));
    document.documentElement.toggleAttribute("data-nameless", this.isNameless);
    document.documentElement.toggleAttribute("data-quiet", this.isQuiet);
    this.arrange();
  }
}

function today() {
  return new Date(serverNow()).toDateString();
}

function meets(one, other) {
  return one.right > other.left && one.left < other.right
    && one.bottom > other.top && one.top < other.bottom;
}

function recalled(name) {
  try {
    return JSON.parse(localStorage.getItem(KEPT + name));
  } catch {
    return null;
  }
}

function kept(name, value) {
  try {
    localStorage.setItem(KEPT + name, JSON.stringify(value));
  } catch {
    // Not remembered: as if it was not pressed.
  }
}

customElements.define("pass-centre", PassCentre);
