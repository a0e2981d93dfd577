// Brings the rows up to date without moving the focus or the scroll position.
"use strict";
const EVERY_MS = 2000;

function replace(fresh) {
  const focused = document.activeElement && document.activeElement.id;
  const place = document.getElementById("rows");
  if (place.innerHTML.trim() === fresh.trim()) return;
  place.innerHTML = fresh;
  const again = focused && document.getElementById(focused);
  if (again) again.focus({ preventScroll: true });
}

async function refresh() {
  try {
    const answer = await fetch("/rows", { credentials: "same-origin" });
    if (answer.status === 401) { location.href = "/login"; return; }
    if (answer.ok) replace(await answer.text());
  } catch (error) {
    // The node may be starting again; the next time tells.
  }
  setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);
