// Brings an element to a fresh fragment's state in place, keeping focus and running clocks.
const callbacks = {
  beforeNodeMorphed(present, fresh) {
    // The code of a pass is fetched, not pushed.
    if (present.localName === "pass-code" && fresh.localName === "pass-code") return false;
    if (present.localName !== "pass-clock" || fresh.localName !== "pass-clock") return true;
    for (const name of ["since", "until"]) {
      const value = fresh.getAttribute(name);
      if (value === null) present.removeAttribute(name);
      else if (present.getAttribute(name) !== value) present.setAttribute(name, value);
    }
    return false;
  },
};

export function morph(present, fresh) {
  Idiomorph.morph(present, fresh, { callbacks });
  htmx.process(present);
}
