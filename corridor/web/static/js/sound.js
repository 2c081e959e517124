// A short tone for a new request, only where somebody has wished for it.
import { say } from "./words.js";

const KEY = "corridor.sound";
let context = null;

function wished() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

export function ring() {
  if (!wished()) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  const start = context.currentTime;
  for (const [pitch, at] of [[660, 0], [880, 0.12]]) {
    const tone = context.createOscillator();
    const loud = context.createGain();
    tone.type = "sine";
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, start + at);
    loud.gain.linearRampToValueAtTime(0.12, start + at + 0.015);
    loud.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.3);
    tone.connect(loud).connect(context.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.32);
  }
}

function show(button) {
  button.setAttribute("aria-pressed", String(wished()));
  button.querySelector("[data-sound-state]").textContent = say(wished() ? "soundOn" : "soundOff");
}

for (const button of document.querySelectorAll("[data-sound]")) {
  show(button);
  button.addEventListener("click", () => {
    try {
      localStorage.setItem(KEY, wished() ? "off" : "on");
    } catch {
      return;
    }
    show(button);
    ring();
  });
}
