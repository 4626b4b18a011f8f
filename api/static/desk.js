// The desk without waiting: answers swap the form in place, and keys reach what buttons do.
// Everything here is also done by the plain form.
"use strict";

(() => {
  const KEYS_OFF = "keys-off";
  const help = document.getElementById("help");
  const said = document.getElementById("said");
  const byId = (id) => document.getElementById(id);

  // Showing what needs a script

  for (const button of document.querySelectorAll("[data-help], [data-print]")) {
    button.hidden = false;
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-help], [data-print]");
    if (!button) return;
    if (button.hasAttribute("data-help")) help.showModal();
    else window.print();
  });
  const keysOn = byId("keys-on");
  keysOn.checked = !localStorage.getItem(KEYS_OFF);
  keysOn.addEventListener("change", () => {
    if (keysOn.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  });

  // Answering in place

  let turn = 0;

  async function send(form, button, fields = new URLSearchParams(new FormData(form, button))) {
    const mine = ++turn;
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields });
      if (!answer.ok && answer.status !== 422) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("desk");
      if (!fresh) throw new Error("another page");
      if (mine === turn) swap(form, fresh, button);
    } catch {
      plainly(form, button);
    }
  }

  function plainly(form, button) {
    button.dataset.leave = "";
    form.requestSubmit(button);
  }

  function swap(form, fresh, button) {
    const open = [...form.querySelectorAll("details[open][id]")].map((one) => one.id);
    const before = new Map([...form.querySelectorAll("li.paper")].map((one) => [one.id, one.className]));
    const spoken = form.querySelector(".count").dataset.spoken;
    const focus = fresh.querySelector("#refused") ? () => byId("refused") : focusAfter(button);
    form.replaceChildren(...document.adoptNode(fresh).childNodes);
    form.removeAttribute("aria-busy");
    for (const name of Object.keys(form.dataset)) delete form.dataset[name];
    Object.assign(form.dataset, fresh.dataset);
    for (const id of open) byId(id)?.setAttribute("open", "");
    for (const paper of form.querySelectorAll("li.paper")) {
      if (before.has(paper.id) && before.get(paper.id) !== paper.className) paper.classList.add("moved");
    }
    focus()?.focus({ preventScroll: true });
    byId("refused")?.scrollIntoView({ block: "center" });
    const now = form.querySelector(".count").dataset.spoken;
    if (now !== spoken) said.textContent = now;
  }

  // After an answer the next question is read; after anything else the same button stays in hand.
  function focusAfter(button) {
    const value = button.value;
    if (/^(answer|skip|ask|update)\b/.test(value)) return () => byId("question");
    if (value.startsWith("flip|")) return () => byId("more-" + value.slice(5).replace(":", "-"))?.querySelector("summary");
    const choice = value.split("|").slice(0, 2).join("|");
    return () =>
      document.querySelector(`button[name="do"][value="${CSS.escape(value)}"]`) ??
      document.querySelector(`button[name="do"][value^="${CSS.escape(choice)}"]`) ??
      byId("question");
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target.id !== "desk" || !button || "leave" in button.dataset) return;
    event.preventDefault();
    send(event.target, button);
  });

  // Back and reload work: what was answered in place stays with the tab until a case is begun.
  // A case keeps its answers itself.

  const desk = () => document.querySelector("#desk:not([data-self])");
  const kept = "desk" + location.search;
  addEventListener("pagehide", () => {
    if (desk() && turn) sessionStorage.setItem(kept, new URLSearchParams(new FormData(desk())));
  });
  const came = performance.getEntriesByType("navigation")[0]?.type;
  const entered = sessionStorage.getItem(kept);
  if (desk() && entered && came !== "navigate") {
    send(desk(), desk().querySelector("button"), new URLSearchParams(entered));
  } else if (desk() || document.querySelector("[data-chooser]")) {
    sessionStorage.clear();
  }

  // What would change it is looked for when somebody wants to know.
  document.addEventListener("toggle", (event) => {
    const seek = event.target.open && event.target.querySelector?.("[data-flip]");
    if (seek) seek.form.requestSubmit(seek);
  }, true);

  // Finding a service while typing

  const chooser = document.querySelector("[data-chooser]");
  const find = byId("q");
  if (chooser) {
    find.addEventListener("input", filter);
    find.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      const only = [...chooser.querySelectorAll("ul > li[data-words]:not([hidden])")];
      if (only.length !== 1) return;
      event.preventDefault();
      only[0].querySelector("a").click();
    });
  }

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of chooser.querySelectorAll(".group")) {
      let some = false;
      for (const line of group.querySelectorAll("li[data-words]")) {
        line.hidden = !words.every((word) => line.dataset.words.includes(word));
        if (!line.hidden) { some = true; found += 1; }
      }
      group.hidden = !some;
    }
    const processes = chooser.querySelector(".processes");
    if (processes) processes.hidden = !processes.querySelector(".group:not([hidden])");
    byId("found").textContent = found ? "" : byId("found").dataset.none.replace("{}", find.value);
  }

  // Keys

  const acts = {
    "/": () => { if (find) { find.focus(); find.select(); } else document.querySelector("[data-find]")?.click(); },
    "?": () => help.showModal(),
    n: () => document.querySelector("[data-next]")?.click(),
    p: () => window.print(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open || !keysOn.checked) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const digit = /^[1-9]$/.test(event.key) && document.querySelectorAll("[data-answer]")[event.key - 1];
    const act = digit ? () => digit.click() : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
