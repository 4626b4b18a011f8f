// Printing a paper: the button appears where a script can press it.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "p" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) window.print();
});
