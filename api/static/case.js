// The page of a case while registries answer: it follows the case, and never moves what a hand is on.
"use strict";

(() => {
  const OFTEN = 300;
  const SELDOM = 10_000;
  const PARTS = [".case-head", ".what", ".ask > section:first-child", ".lookups", ".list", ".whose"];
  const said = document.getElementById("said");
  const form = () => document.getElementById("desk");
  let following = false;
  let pressed = false;
  let kept = new Set(); // parts that are older than the case, because a hand was on them

  // Following

  async function follow() {
    if (following) return;
    following = true;
    for (let pause = OFTEN; form()?.dataset.pending; ) {
      try {
        const pulse = await asked(form().dataset.pending, "application/json", (answer) => answer.json());
        if (String(pulse.version) !== form().dataset.version || pulse.pending === 0) await refresh();
        pause = OFTEN;
      } catch {
        pause = Math.min(2 * pause, SELDOM); // the page says what was known last
      }
      await new Promise((done) => setTimeout(done, pause));
    }
    following = false;
  }

  async function asked(address, type, read) {
    const answer = await fetch(address, { headers: { Accept: type } });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    return read(answer);
  }

  async function refresh() {
    const old = form();
    if (old.hasAttribute("aria-busy")) return;
    const turn = old.dataset.version;
    const page = new DOMParser().parseFromString(await asked(old.dataset.self, "text/html", (answer) => answer.text()), "text/html");
    const fresh = page.getElementById("desk");
    if (!fresh || old.hasAttribute("aria-busy") || old.dataset.version !== turn) return;
    const spoken = sayings(old);
    const hold = held();
    kept = new Set(PARTS.filter((part) => !swap(old, fresh, part)));
    hold();
    for (const name of ["version", "self"]) old.dataset[name] = fresh.dataset[name];
    if (fresh.dataset.pending) old.dataset.pending = fresh.dataset.pending;
    else delete old.dataset.pending;
    const news = sayings(old).filter((one) => !spoken.includes(one));
    if (news.length) said.textContent = news.join(" ");
  }

  // What ears are told: the count of papers, and how far the registries are.
  function sayings(desk) {
    return [...desk.querySelectorAll(".count, .lookups")].map((one) => one.dataset.spoken).filter(Boolean);
  }

  // Hands

  function swap(old, fresh, selector) {
    const was = old.querySelector(selector);
    const is = fresh.querySelector(selector);
    if (!was || !is || was.innerHTML === is.innerHTML || stillAsked(was, is)) return true;
    if (inHand(was)) return false;
    const open = [...was.querySelectorAll("details[open][id]")].map((one) => one.id);
    const before = new Map([...was.querySelectorAll("li.paper")].map((one) => [one.id, one.className]));
    const again = was.contains(document.activeElement) ? way(document.activeElement) : "";
    was.replaceWith(document.adoptNode(is));
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const paper of is.querySelectorAll("li.paper")) {
      if (before.has(paper.id) && before.get(paper.id) !== paper.className) paper.classList.add("moved");
    }
    if (again) is.querySelector(again)?.focus({ preventScroll: true });
    return true;
  }

  // A question that is being read is not changed for a better one: a hand may be on its answer.
  function stillAsked(was, is) {
    const key = was.querySelector("#question")?.dataset.key;
    return key && is.querySelector(`#later [value="ask|${CSS.escape(key)}"]`);
  }

  // How to find the same button, link or disclosure once more.
  function way(one) {
    const disclosure = one.closest("details[id]");
    if (one.matches("summary") && disclosure) return `#${CSS.escape(disclosure.id)} > summary`;
    if (one.id) return `#${CSS.escape(one.id)}`;
    if (one.value) return `button[value="${CSS.escape(one.value)}"]`;
    return one.href ? `a[href="${CSS.escape(one.getAttribute("href"))}"]` : "";
  }

  // A field with the cursor or with something typed in it stays as it is, and all around it;
  // so does everything while a button is held down.
  function inHand(part) {
    if (pressed) return true;
    const field = document.activeElement?.closest?.("input, select, textarea");
    if (field && part.contains(field)) return true;
    return [...part.querySelectorAll("input:not([type=hidden])")].some((one) => one.value !== one.defaultValue);
  }

  // The paper under the pointer, or the one in focus, stays where it is on the screen.
  function held() {
    const hand = document.querySelector("li.paper:hover") ?? document.activeElement?.closest?.("li.paper");
    const top = hand?.getBoundingClientRect().top;
    return () => {
      const same = hand && document.getElementById(hand.id);
      if (same) window.scrollBy({ top: same.getBoundingClientRect().top - top, behavior: "instant" });
    };
  }

  const later = () => setTimeout(() => { if (kept.size && form()) refresh().catch(() => {}); }, 0);
  document.addEventListener("focusout", later);
  document.addEventListener("pointerdown", () => { pressed = true; });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { pressed = false; later(); });

  follow();
  // An answer in place may set registries going: then the page is followed again.
  new MutationObserver(() => { kept.clear(); follow(); }).observe(form(), { attributeFilter: ["data-pending"] });
})();
