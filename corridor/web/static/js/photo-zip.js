// <photo-zip>: sends a zip of any size as several small ones, and tells how far it is.
// Nothing is unpacked here: the parts are cut out of the file as they are, with a new directory.
import { toast } from "./forms.js";
import { fill, say } from "./words.js";

const PART_BYTES = 6_000_000;
const PART_FILES = 150;
const END = 0x06054b50;
const ENTRY = 0x02014b50;

class BadZip extends Error {}

async function bytes(file, from, to) {
  return new DataView(await file.slice(from, to).arrayBuffer());
}

// The directory of a zip stands at its end, after a comment of at most 64 KB.
async function entriesOf(file) {
  const start = Math.max(0, file.size - 65557);
  const tail = await bytes(file, start, file.size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new BadZip();
  const size = tail.getUint32(at + 12, true);
  const offset = tail.getUint32(at + 16, true);
  if (offset + size > file.size) throw new BadZip();
  const directory = await bytes(file, offset, offset + size);
  const entries = [];
  for (let place = 0; place + 46 <= size;) {
    if (directory.getUint32(place, true) !== ENTRY) throw new BadZip();
    const length = 46 + directory.getUint16(place + 28, true)
      + directory.getUint16(place + 30, true) + directory.getUint16(place + 32, true);
    const packed = directory.getUint32(place + 20, true);
    const from = directory.getUint32(place + 42, true);
    const record = directory.buffer.slice(place, place + length);
    entries.push({ packed, from, record, isFolder: isFolder(directory, place) });
    place += length;
  }
  return entries.filter((entry) => !entry.isFolder);
}

function isFolder(directory, place) {
  const last = place + 46 + directory.getUint16(place + 28, true) - 1;
  return directory.getUint8(last) === 0x2f;
}

async function partOf(file, entries) {
  const pieces = [];
  const records = [];
  let size = 0;
  for (const entry of entries) {
    const head = await bytes(file, entry.from, entry.from + 30);
    if (head.byteLength < 30) throw new BadZip();
    const length = 30 + head.getUint16(26, true) + head.getUint16(28, true) + entry.packed;
    const record = new DataView(entry.record.slice(0));
    record.setUint32(42, size, true);
    pieces.push(file.slice(entry.from, entry.from + length));
    records.push(record.buffer);
    size += length;
  }
  const all = records.reduce((sum, record) => sum + record.byteLength, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, END, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, entries.length, true);
  end.setUint32(12, all, true);
  end.setUint32(16, size, true);
  return new Blob([...pieces, ...records, end.buffer], { type: "application/zip" });
}

function* grouped(entries) {
  let group = [];
  let size = 0;
  for (const entry of entries) {
    if (group.length && (size + entry.packed > PART_BYTES || group.length >= PART_FILES)) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(entry);
    size += entry.packed;
  }
  if (group.length) yield group;
}

class PhotoZip extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.sending) this.send();
    });
  }

  async send() {
    this.sending = true;
    const button = this.form.querySelector("button");
    button.setAttribute("aria-busy", "true");
    try {
      await this.sendAll(this.form.querySelector('input[type="file"]').files[0]);
    } catch (error) {
      if (error instanceof BadZip) this.tell(this.dataset.bad);
      else toast("", say("unreachable"));
    }
    button.removeAttribute("aria-busy");
    this.querySelector("[data-progress]").hidden = true;
    this.sending = false;
  }

  async sendAll(file) {
    const entries = await entriesOf(file);
    if (!entries.length) throw new BadZip();
    const sum = { changed: 0, same: 0, unused: 0 };
    this.querySelector("[data-not-used] tbody").replaceChildren();
    let done = 0;
    for (const group of grouped(entries)) {
      this.show(done, entries.length);
      const body = new FormData(this.form);
      body.set("file", await partOf(file, group), file.name);
      const answer = await fetch(location.href, {
        method: "POST", body, headers: { Accept: "application/json" },
      });
      const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (!answer.ok) {
        this.tell(told.problem ?? say("failed"));
        return;
      }
      sum.changed += told.changed;
      sum.same += told.same;
      sum.unused += told.not_used.length;
      told.not_used.forEach((one) => this.list(one));
      done += group.length;
      this.tell(["changed", "same", "unused"].map((what) => this.counted(what, sum[what])).join(", "));
    }
  }

  show(done, all) {
    const place = this.querySelector("[data-progress]");
    place.hidden = false;
    place.querySelector("progress").max = all;
    place.querySelector("progress").value = done;
    place.querySelector("[data-left-text]").textContent = fill(this.dataset.left, { done, all });
  }

  counted(what, count) {
    const one = this.dataset[`${what}One`];
    return count === 1 && one ? one : fill(this.dataset[what], { count });
  }

  tell(text) {
    this.querySelector("[data-report]").hidden = false;
    this.querySelector("[data-report-title]").textContent = text;
  }

  list({ name, why }) {
    const table = this.querySelector("[data-not-used]");
    table.hidden = false;
    const row = table.tBodies[0].insertRow();
    const isolated = document.createElement("bdi");
    isolated.textContent = name;
    row.insertCell().append(isolated);
    row.insertCell().textContent = why;
  }
}

customElements.define("photo-zip", PhotoZip);
