// <tab-list role="tablist" [name="when"]>: one of several lists at a time, by pointer or arrow keys.
// With a name the page's address remembers which, so that loading it again shows the same.
class TabList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const tab = event.target.closest('[role="tab"]');
      if (tab) this.choose(tab);
    });
    this.addEventListener("keydown", (event) => this.key(event));
  }

  get tabs() {
    return [...this.querySelectorAll('[role="tab"]')];
  }

  key(event) {
    const rtl = getComputedStyle(this).direction === "rtl" ? -1 : 1;
    const steps = { ArrowRight: rtl, ArrowLeft: -rtl };
    const { tabs } = this;
    const place = { Home: 0, End: tabs.length - 1 }[event.key]
      ?? (event.key in steps ? tabs.indexOf(document.activeElement) + steps[event.key] : null);
    if (place === null) return;
    event.preventDefault();
    const next = tabs[(place + tabs.length) % tabs.length];
    this.choose(next);
    next.focus();
  }

  choose(chosen) {
    for (const tab of this.tabs) {
      const is = tab === chosen;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !is;
    }
    const name = this.getAttribute("name");
    if (!name) return;
    const address = new URL(location.href);
    address.searchParams.set(name, chosen.value);
    history.replaceState(history.state, "", address);
  }
}

customElements.define("tab-list", TabList);
