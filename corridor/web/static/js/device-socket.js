// The WebSocket of docs/device-protocol.md: says hello, answers ping, always comes back.
//
// What it hears is told as events on itself, named after the message ("desired", "command" …),
// with the message as detail; "connected" and "lost" besides.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10000;
// The server asks for a sign of life every 20 seconds; whoever gives none for 30 is lost to it.
const SILENT = 30000;
const FINAL = ["not_signed_in", "signed_out", "wrong_origin"];

export class DeviceSocket extends EventTarget {
  constructor(path, hello, state) {
    super();
    this.address = new URL(path, location.href);
    this.address.protocol = this.address.protocol === "https:" ? "wss:" : "ws:";
    this.hello = hello;
    this.state = state;
    this.wait = FIRST_WAIT;
    this.notBefore = 0; // while the server asks to wait: until when
    this.wake = () => this.wokenUp();
    this.hide = () => this.stop();
    // The connection says nothing of it: without a network nobody closes it.
    this.cut = () => this.drop();
    document.addEventListener("visibilitychange", this.wake);
    addEventListener("online", this.wake);
    addEventListener("offline", this.cut);
    addEventListener("pageshow", this.wake);
    addEventListener("pagehide", this.hide);
    this.watch = setInterval(() => this.wokenUp(), 5000);
    this.open();
  }

  close() {
    document.removeEventListener("visibilitychange", this.wake);
    removeEventListener("online", this.wake);
    removeEventListener("offline", this.cut);
    removeEventListener("pageshow", this.wake);
    removeEventListener("pagehide", this.hide);
    clearInterval(this.watch);
    this.stop();
  }

  open() {
    clearTimeout(this.again);
    this.again = 0;
    this.bye = undefined;
    this.isLetIn = false;
    this.heard = Date.now();
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.told = JSON.stringify(this.state());
      this.send("hello", { ...this.hello, state: this.state() });
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.socket) this.hear(JSON.parse(data));
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.lost();
    });
  }

  // The page is left: in good order, so that the student is not taken for lost.
  stop() {
    clearTimeout(this.again);
    this.again = 0;
    this.socket?.close(1000);
    this.socket = undefined;
  }

  send(type, fields = {}) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ type, ...fields }));
    return true;
  }

  // A sign of life; what it says of the page only when that is new.
  beat() {
    const told = JSON.stringify(this.state());
    this.send("beat", told === this.told ? {} : { state: JSON.parse(told) });
    this.told = told;
  }

  hear(message) {
    this.heard = Date.now();
    if (message.type === "ping") this.beat();
    if (message.type === "welcome") {
      this.isLetIn = true;
      this.wait = FIRST_WAIT;
      this.tell("connected");
    }
    if (message.type === "bye") {
      this.bye = message;
      this.notBefore = Date.now() + (message.again_in ?? 0) * 1000;
    }
    this.tell(message.type, message);
  }

  lost() {
    this.socket = undefined;
    this.tell("lost");
    if (FINAL.includes(this.bye?.code)) return;
    // As long as the server asks, and a random second more; else longer from time to time.
    const asked = this.notBefore - Date.now();
    const wait = asked > 0 ? asked + 1000 * Math.random() : this.wait * (1 + Math.random());
    this.again = setTimeout(() => this.open(), wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  // The connection is of no use any more.
  drop() {
    if (!this.socket) return;
    const old = this.socket;
    this.socket = undefined;
    old.close();
    this.lost();
  }

  wokenUp() {
    // It may only look alive: the machine slept, or the network is another one.
    if (Date.now() - this.heard > SILENT) this.drop();
    if (document.hidden || FINAL.includes(this.bye?.code) || this.socket) return;
    if (Date.now() < this.notBefore) return;
    if (!this.again || this.wait > FIRST_WAIT * 2) {
      this.wait = FIRST_WAIT;
      this.open();
    }
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
