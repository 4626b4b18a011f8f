// The page of a case while registries answer: it follows the case, and never moves what a hand is on.
"use strict";

(() => {
  const EVERY = 300;
  const said = document.getElementById("said");
  const form = () => document.getElementById("desk");

  async function follow() {
    const now = form();
    if (!now?.dataset.pending) return;
    try {
      const pulse = await (await fetch(now.dataset.pending, { headers: { Accept: "application/json" } })).json();
      const moved = String(pulse.version) !== now.dataset.version || pulse.pending === 0;
      if (moved) await refresh();
    } catch {
      // The next turn tries again; the page says what was known last.
    }
    setTimeout(follow, EVERY);
  }

  async function refresh() {
    const old = form();
    const answer = await fetch(old.dataset.self, { headers: { Accept: "text/html" } });
    if (!answer.ok || old !== form() || old.hasAttribute("aria-busy")) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("desk");
    if (!fresh) return;
    const spoken = old.querySelector(".count")?.dataset.spoken;
    for (const part of [".lookups", ".list", ".what", ".ask > section:first-child", ".whose"]) swap(old, fresh, part);
    for (const name of ["version", "self"]) old.dataset[name] = fresh.dataset[name];
    if (fresh.dataset.pending) old.dataset.pending = fresh.dataset.pending;
    else delete old.dataset.pending;
    const count = form().querySelector(".count")?.dataset.spoken;
    if (count !== spoken) said.textContent = count;
  }

  function swap(old, fresh, selector) {
    const was = old.querySelector(selector);
    const is = fresh.querySelector(selector);
    if (!was || !is || inHand(was) || was.innerHTML === is.innerHTML) return;
    const open = [...was.querySelectorAll("details[open][id]")].map((one) => one.id);
    const before = new Map([...was.querySelectorAll("li.paper")].map((one) => [one.id, one.className]));
    const focus = was.contains(document.activeElement) ? document.activeElement : null;
    was.replaceWith(document.adoptNode(is));
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const paper of is.querySelectorAll("li.paper")) {
      if (before.has(paper.id) && before.get(paper.id) !== paper.className) paper.classList.add("moved");
    }
    if (focus?.value) is.querySelector(`button[value="${CSS.escape(focus.value)}"]`)?.focus({ preventScroll: true });
  }

  // A field with the cursor or with something typed in it stays as it is, and all around it.
  function inHand(part) {
    const field = document.activeElement?.closest?.("input, select, textarea");
    if (field && part.contains(field)) return true;
    return [...part.querySelectorAll("input:not([type=hidden])")].some((one) => one.value !== one.defaultValue);
  }

  follow();
  // An answer in place may set registries going: then the page is followed again.
  new MutationObserver(() => {
    const now = form();
    if (now?.dataset.pending && !now.dataset.followed) { now.dataset.followed = "1"; follow(); }
  }).observe(document.getElementById("main"), { subtree: true, childList: true });
})();
