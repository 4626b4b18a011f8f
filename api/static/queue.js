// Keys and typing on the pages around a case. Everything here is also done by links and forms.
"use strict";

(() => {
  const keysOn = document.getElementById("keys-on");
  const help = document.getElementById("help");

  // j and k choose a case, Enter opens it: the link of the row gets the focus.

  const rows = [...document.querySelectorAll("[data-cases] tbody tr")].filter((row) => row.querySelector("a.services"));

  function move(by) {
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(Math.max(now < 0 ? (by > 0 ? 0 : rows.length - 1) : now + by, 0), rows.length - 1)];
    next.querySelector("a.services").focus();
  }

  for (const row of rows) {
    row.addEventListener("focusin", () => row.classList.add("chosen-row"));
    row.addEventListener("focusout", () => row.classList.remove("chosen-row"));
  }

  const acts = {
    c: () => { location.href = "/cases/new"; },
    j: () => move(1),
    k: () => move(-1),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open || !keysOn.checked) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // Finding a service while typing

  const picker = document.querySelector("[data-picker]");
  const find = document.getElementById("q");

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of picker.querySelectorAll(".group")) {
      let some = false;
      for (const line of group.querySelectorAll("li[data-words]")) {
        line.hidden = !words.every((word) => line.dataset.words.includes(word));
        if (!line.hidden) { some = true; found += 1; }
      }
      group.hidden = !some;
    }
    const processes = document.getElementById("picks-processes");
    if (processes && words.length) processes.open = Boolean(processes.querySelector(".group:not([hidden])"));
    const said = document.getElementById("picked");
    said.textContent = found ? "" : said.dataset.none.replace("{}", find.value);
  }

  if (picker) {
    find.addEventListener("input", filter);
    find.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      const shown = [...picker.querySelectorAll("li[data-words]:not([hidden]) input[name=item]")];
      if (shown.length !== 1) return;
      shown[0].checked = true;
      again("find");
    });
    // What is chosen decides which earlier answers are offered: the page is asked again.
    picker.addEventListener("change", (event) => { if (event.target.name === "item") again("find"); });
  }

  function again(act) {
    document.querySelector(`#opening button[name=do][value=${act}]`).click();
  }

  // Words that go with the kind of applicant, and people to try

  const number = document.getElementById("number");
  const name = document.getElementById("name");

  function follow(kind) {
    document.getElementById("number-label").textContent = kind.dataset.number;
    document.getElementById("name-label").textContent = kind.dataset.name;
  }

  for (const kind of document.querySelectorAll("input[name=kind][data-number]")) {
    kind.addEventListener("change", () => follow(kind));
  }

  for (const example of document.querySelectorAll("[data-example]")) {
    example.addEventListener("click", () => {
      const kind = document.querySelector(`input[name=kind][value=${example.dataset.kind}]`);
      kind.checked = true;
      follow(kind);
      number.value = example.dataset.example;
      name.value = example.dataset.of;
      again("find");
    });
  }
})();
