// What ears and eyes would miss on a page: names of controls, one title, landmarks, ids.
() => {
  const faults = [];
  const shown = (one) => one.checkVisibility() && !one.closest("dialog:not([open])");
  const text = (one) => {
    const by = one.getAttribute("aria-labelledby");
    if (by) return by.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
    const labels = [...(one.labels ?? [])].map((label) => label.textContent).join("");
    return one.getAttribute("aria-label") || labels || one.textContent || one.title || "";
  };
  for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (shown(one) && !text(one).trim()) faults.push("no name: " + one.outerHTML.slice(0, 120));
  }
  const titles = document.querySelectorAll("h1").length;
  if (titles !== 1) faults.push(titles + " h1");
  if (document.querySelectorAll("main").length !== 1) faults.push("no main");
  if (!document.documentElement.lang || !document.title) faults.push("no language or title");
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) faults.push("twice: #" + id);
  for (const name of ["aria-labelledby", "aria-describedby"]) {
    for (const one of document.querySelectorAll("[" + name + "]")) {
      for (const id of one.getAttribute(name).split(" ")) {
        if (id && !document.getElementById(id)) faults.push("nothing called #" + id);
      }
    }
  }
  return faults;
}
