// <student-class>: a student's page while a class runs. What it shows is what the device is to hold
// to (docs/device-protocol.md); everything ends at its time, whether or not there is a connection.
import { serverNow, setServerNow } from "./clock.js";
import { DeviceSocket } from "./device-socket.js";
import { newId, toast } from "./forms.js";
import { announce, fill, say } from "./words.js";

// A press that nobody has answered for so long is told as one that may not have arrived.
const ANSWERED_WITHIN = 6000;
const NOT_CONNECTED_SHOWN = 3000;
// A class that is older when the page joins may have told the student something before.
const JUST_BEGUN = 3000;
const CAN = ["open_site", "message", "announcement", "lock", "unlock"];
// Why the server does not let a page in, in the words of the page.
const NOT_LET_IN = { too_many: "tooMany", version: "tooOld" };
const NONE = { class_session: null, hand_raised: false, restrictions: [] };

class StudentClass extends HTMLElement {
  connectedCallback() {
    const find = (name) => this.querySelector(`[data-${name}]`);
    this.words = find("words").dataset;
    this.parts = Object.fromEntries(
      ["class", "no-class", "class-period", "looked", "looked-text", "unheld", "rules", "hand", "hand-text",
        "sites", "sites-part", "messages", "no-messages", "write", "no-writing", "lock",
        "lock-text", "lock-by", "lock-until"].map((name) => [name, find(name)]),
    );
    this.desired = JSON.parse(this.getAttribute("desired"));
    this.session = this.desired.class_session?.id ?? null;
    this.shown = new Set(
      [...this.querySelectorAll("[data-command]")].map((item) => Number(item.dataset.command)),
    );
    this.asked = new Map();
    this.touched = Date.now();
    this.listen();
    this.draw();
    if (this.hasAttribute("src")) this.join();
  }

  disconnectedCallback() {
    this.socket?.close();
    clearInterval(this.ticking);
  }

  listen() {
    for (const kind of ["pointerdown", "keydown", "pointermove"]) {
      addEventListener(kind, () => { this.touched = Date.now(); }, { passive: true });
    }
    this.parts.hand.addEventListener("click", () => this.pressHand());
    this.parts.write.addEventListener("submit", (event) => this.send(event));
    this.parts.write.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.parts.write.requestSubmit();
      }
    });
    const lock = this.parts.lock;
    lock.addEventListener("cancel", (event) => event.preventDefault());
    // Some browsers close a dialog at the second Escape whatever the page says.
    lock.addEventListener("close", () => this.showLock());
    document.addEventListener("visibilitychange", () => this.letGo());
    this.ticking = setInterval(() => this.letGo(), 500);
  }

  join() {
    const account = Number(this.getAttribute("account"));
    const hello = {
      version: Number(this.getAttribute("version")),
      sign_in: { by: "page", account },
      language: this.getAttribute("lang"),
    };
    const socket = new DeviceSocket(this.getAttribute("src"), hello, () => this.state());
    this.socket = socket;
    const hear = (name, what) => socket.addEventListener(name, ({ detail }) => what(detail));
    hear("connected", () => this.connected(true));
    hear("lost", () => this.connected(false));
    hear("welcome", ({ now, passes }) => {
      setServerNow(now);
      this.showPasses(passes);
    });
    hear("passes", ({ shown }) => this.showPasses(shown));
    hear("ping", ({ now }) => setServerNow(now));
    hear("desired", (desired) => this.want(desired));
    hear("command", (command) => this.obey(command));
    hear("wrote", ({ text, at }) => this.addMessage(null, text, at));
    hear("answered", (answer) => this.answered(answer));
    hear("look", (look) => this.lookedAt(look));
    hear("bye", ({ code }) => {
      if (code === "not_signed_in" || code === "signed_out") {
        location.assign(this.getAttribute("sign-in"));
      }
      if (!socket.isLetIn) this.why = this.words[NOT_LET_IN[code]];
    });
  }

  // The way to the own pass, for as long as the school shows passes in Classroom.
  showPasses(yes) {
    const way = document.querySelector("[data-pass-way]");
    if (way) way.hidden = !yes;
  }

  // A page knows nothing of other tabs, and cannot be looked at.
  state() {
    return {
      title: "", url: "", can_show: false, why_nothing: "page",
      idle_seconds: Math.floor((Date.now() - this.touched) / 1000),
    };
  }

  // Said only after a moment: most cuts are over before anybody could read of them.
  connected(yes) {
    if (!yes && this.why) {
      this.tellConnection(false);
      return;
    }
    if (!yes) {
      this.showing ||= setTimeout(() => this.tellConnection(false), NOT_CONNECTED_SHOWN);
      return;
    }
    clearTimeout(this.showing);
    this.showing = 0;
    this.why = undefined;
    this.tellConnection(true);
  }

  tellConnection(yes) {
    const line = document.getElementById("connection");
    this.lost ??= line.textContent;
    line.textContent = this.why ?? this.lost;
    line.hidden = yes;
    this.parts.unheld.hidden = yes;
  }

  // What is desired

  want(desired) {
    setServerNow(desired.now);
    const before = this.desired;
    this.desired = desired;
    this.letGo(before);
  }

  // Whatever has an end is over at that time, also when nobody says so.
  letGo(before = this.desired) {
    const now = serverNow();
    const { class_session: found } = this.desired;
    if (found && Date.parse(found.ends_at) <= now) this.desired = NONE;
    const held = this.desired.restrictions.filter((one) => Date.parse(one.until) > now);
    if (held.length < this.desired.restrictions.length) {
      this.desired = { ...this.desired, restrictions: held };
    }
    if (this.desired !== before) this.draw();
    if (this.lookedUntil && this.lookedUntil <= now) this.lookedAt(null);
  }

  draw() {
    const { class_session: found } = this.desired;
    this.drawClass(found);
    this.drawHand(found);
    this.drawRules();
    this.showLock();
  }

  drawClass(found) {
    const was = this.session;
    this.session = found?.id ?? null;
    this.parts.class.hidden = !found;
    this.parts["no-class"].hidden = Boolean(found);
    if (was !== this.session) this.begin(found);
    if (!found) return;
    for (const place of this.querySelectorAll("[data-fill]")) {
      const text = found[place.dataset.fill];
      if (place.textContent !== text) place.textContent = text;
    }
    for (const place of this.querySelectorAll("[data-time]")) {
      this.write(place, found[place.dataset.time]);
    }
    this.parts["class-period"].hidden = !found.period;
    this.parts["class-period"].textContent = fill(this.words.period, { period: found.period });
    this.parts.write.hidden = !found.may_write;
    this.parts["no-writing"].hidden = found.may_write;
  }

  // Another class: nothing of the one before stays. One that runs already may have the student back.
  begin(found) {
    this.shown.clear();
    this.parts.sites.replaceChildren();
    this.parts["sites-part"].hidden = true;
    this.parts.messages.replaceChildren();
    this.parts["no-messages"].hidden = false;
    this.lookedAt(null);
    announce(found ? fill(this.words.began, { name: found.name }) : this.words.over);
    if (found && serverNow() - Date.parse(found.started_at) > JUST_BEGUN) this.recall();
  }

  // What the class has told stands on the page as the server draws it.
  async recall() {
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const drawn = page.querySelector("student-class");
      if (drawn?.getAttribute("account") !== this.getAttribute("account")) return;
      const { class_session: found } = JSON.parse(drawn.getAttribute("desired"));
      if (found && found.id === this.session) this.addOlder(drawn);
    } catch {
      // No answer: it stands there when the page is loaded again.
    }
  }

  // What came while it was asked for is newer, and may stand there too.
  addOlder(drawn) {
    const { sites, messages } = this.parts;
    for (const item of drawn.querySelectorAll("[data-sites] > li")) {
      const id = Number(item.dataset.command);
      if (!this.shown.has(id)) sites.append(item);
      this.shown.add(id);
    }
    messages.prepend(...[...drawn.querySelectorAll("[data-messages] > li")].filter(
      (item) => !this.says(item.dataset.at, item.querySelector(".class-message-text").textContent),
    ));
    this.parts["sites-part"].hidden = !sites.childElementCount;
    this.parts["no-messages"].hidden = Boolean(messages.childElementCount);
  }

  drawHand(found) {
    const { hand, "hand-text": text } = this.parts;
    const isUp = this.desired.hand_raised;
    hand.hidden = !found?.hands;
    hand.setAttribute("aria-pressed", String(isUp));
    const words = isUp ? this.words.lower : this.words.raise;
    if (text.textContent !== words) text.textContent = words;
  }

  drawRules() {
    const lines = this.desired.restrictions.map((one) => this.rule(one)).filter(Boolean);
    this.parts.rules.hidden = !lines.length;
    this.parts.rules.replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
  }

  rule({ kind, until, sites = [], blocks, number }) {
    const time = this.time(until);
    if (kind === "tab_limit") return fill(this.words.tabs, { time, number });
    if (kind !== "site_lock" && kind !== "plan") return "";
    const words = blocks ? this.words.blocks : this.words.sites;
    return sites.length ? fill(words, { time, sites: sites.join(", ") }) : "";
  }

  showLock() {
    const { lock, "lock-text": text, "lock-by": by, "lock-until": until } = this.parts;
    const held = this.desired.restrictions.find((one) => one.kind === "lock");
    if (!held) {
      if (lock.open) {
        lock.close();
        announce(this.words.unlocked);
      }
      return;
    }
    text.textContent = held.text ?? "";
    by.textContent = held.by;
    this.write(until, held.until);
    if (!lock.open) lock.showModal();
  }

  // What is to be done

  obey(command) {
    const can = CAN.includes(command.kind);
    if (can && !this.shown.has(command.id)) {
      this.shown.add(command.id);
      if (command.kind === "open_site") this.addSite(command);
      else if (command.text && command.kind !== "lock") this.addTold(command);
    }
    this.socket.send("ack", { command: command.id, why: can ? "" : "not_supported" });
  }

  addSite({ id, url, by, at }) {
    const item = document.createElement("li");
    item.dataset.command = id;
    const link = document.createElement("a");
    if (!/^https?:/.test(url)) return;
    Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" });
    link.textContent = url;
    const when = document.createElement("span");
    when.className = "quiet small";
    when.textContent = this.time(at);
    item.append(link, " ", when);
    this.parts.sites.prepend(item);
    this.parts["sites-part"].hidden = false;
    announce(fill(this.words.opened, { name: by }));
  }

  addTold({ by, text, at }) {
    this.addMessage(by, text, at);
    announce(fill(this.words.wrote, { name: by, text }));
  }

  addMessage(by, text, at) {
    if (this.says(at, text)) return;
    const item = document.createElement("li");
    item.dataset.at = at;
    item.classList.toggle("is-own", by === null);
    const who = document.createElement("p");
    who.className = "class-message-who";
    const name = document.createElement("bdi");
    name.textContent = by ?? this.words.you;
    const time = document.createElement("span");
    time.className = "quiet small";
    time.textContent = this.time(at);
    who.append(name, " ", time);
    const said = document.createElement("p");
    said.className = "class-message-text";
    said.textContent = text;
    item.append(who, said);
    this.parts.messages.append(item);
    this.parts["no-messages"].hidden = true;
  }

  says(at, text) {
    return [...this.parts.messages.children].some(
      (item) => Date.parse(item.dataset.at) === Date.parse(at)
        && item.querySelector(".class-message-text").textContent === text,
    );
  }

  lookedAt(look) {
    const { looked, "looked-text": text } = this.parts;
    this.lookedUntil = look ? Date.parse(look.until) : 0;
    looked.hidden = !look;
    const words = look ? fill(this.words.looking, { names: look.by.join(", ") }) : "";
    if (text.textContent !== words) text.textContent = words;
  }

  // What the student says

  pressHand() {
    const { hand } = this.parts;
    const raised = hand.getAttribute("aria-pressed") !== "true";
    this.ask("hand", { raised }, hand, () => {});
  }

  send(event) {
    event.preventDefault();
    const field = this.parts.write.querySelector("textarea");
    if (!field.value.trim()) return;
    const text = field.value;
    // What was written stays until it has arrived, and is sent again with the same id.
    if (this.writing?.text !== text) this.writing = { text, id: newId() };
    const button = this.parts.write.querySelector("button");
    this.ask("write", { text, request_id: this.writing.id }, button, () => {
      this.writing = undefined;
      if (field.value === text) field.value = "";
    });
  }

  ask(type, fields, button, done) {
    const id = fields.request_id ?? newId();
    const timer = setTimeout(() => this.answered({ request_id: id }), ANSWERED_WITHIN);
    this.asked.set(id, { button, done, timer });
    button.setAttribute("aria-busy", "true");
    if (!this.socket?.send(type, { ...fields, request_id: id })) {
      this.answered({ request_id: id, code: "not_sent", text: this.words.notSent });
    }
  }

  answered({ request_id: id, code, text }) {
    const waiting = this.asked.get(id);
    if (!waiting) return;
    this.asked.delete(id);
    clearTimeout(waiting.timer);
    waiting.button.removeAttribute("aria-busy");
    if (code === undefined) toast("", say("unreachable"));
    else if (code) toast("", text);
    else waiting.done();
  }

  // Times of day in the school's zone, as the server writes them

  time(iso) {
    this.format ??= new Intl.DateTimeFormat("en-US", {
      hour: "numeric", minute: "2-digit", timeZone: this.getAttribute("zone"),
    });
    const parts = Object.fromEntries(
      this.format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]),
    );
    const half = parts.dayPeriod;
    const isEnglish = this.getAttribute("lang") === "en";
    return `${parts.hour}:${parts.minute} ${isEnglish ? half : half === "AM" ? "a.m." : "p.m."}`;
  }

  write(place, iso) {
    place.dateTime = iso;
    const text = this.time(iso);
    if (place.textContent !== text) place.textContent = text;
  }
}

customElements.define("student-class", StudentClass);
