// The film with its corners: dragging one fixes it, and one request finds the others again.
//
// All that is known of the corrections is here and in the browser's storage; the server keeps what was saved.  Places
// are [x, y] in pixels of the film; "screen" means CSS pixels of the canvas.
"use strict";

const DRAG_PX = 5; // a press that moves less is a click
const REACH_PX = 14, REACH_TOUCH_PX = 26; // from the pointer to the corner that it means
const MEASURE_EVERY_MS = 60, KEYS_SETTLE_MS = 700, AGAIN_MS = [500, 1000, 2000, 4000];
const MOST_UNDO = 200, LOWEST_ZOOM = 0.5, HIGHEST_ZOOM = 24;
const COLOURS = ["#ffb000", "#4cc9f0", "#ff6ec7", "#9be564"];
// Marks on a film as it is, and on an inverted one.
const BRIGHT = { sure: "#7fe3ff", doubtful: "#ff6b6b", fixed: "#ffffff", chosen: "#ffe45c", halo: "rgb(0 0 0 / 75%)" };
const DARK = { sure: "#00526e", doubtful: "#b3160b", fixed: "#000000", chosen: "#a85f00", halo: "rgb(255 255 255 / 80%)" };
const ink = () => (view.invert ? DARK : BRIGHT);

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const byId = (id) => document.getElementById(id);
const canvas = byId("film"), pen = canvas.getContext("2d");

const film = { loaded: false }; // what the server said of the film
const view = { zoom: 1, x: 0, y: 0, brightness: 0, contrast: 0, invert: false, marks: true, picture: null };
let model = null; // points, peaks, fixed, box, curves, largest, doubts, order: replaced as a whole, never changed in place
let log = [], undone = [], done = [], version = 0, unsaved = false;
let chosen = -1, drag = null, keys = null, asked = 0, settling = false, retry = 0, again = null;
let saving = false, saveAgain = false; // again: it was saved before the other corners had followed
const waiting = new Set(); // what is asked again because the server was away: settle, save, open

// ---------------------------------------------------------------------------------------------- talking to the server

class Refusal extends Error {
  constructor(status, code, message) { super(message); this.status = status; this.code = code; }
}

async function ask(path, message) {
  const options = { credentials: "same-origin", cache: "no-store" };
  if (message) Object.assign(options, {
    method: "POST", body: JSON.stringify(message),
    headers: { "Content-Type": "application/json", "X-Scanserve": "page" },
  });
  const answer = await fetch(path, options);
  if (answer.redirected) throw new Refusal(401, "not-let-in", "The session has ended.");
  if (answer.ok) return path === "pixels" ? answer.arrayBuffer() : answer.json();
  const said = await answer.json().catch(() => ({}));
  throw new Refusal(answer.status, said.code || "", said.message || `status ${answer.status}`);
}

const isAway = (error) => !(error instanceof Refusal) || error.status >= 500;

function tell(text, bad = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("bad", bad);
}

/** Ask for the other corners; only the newest answer counts, and a server that is away is asked again. */
async function settle() {
  waiting.delete(settle);
  const own = ++asked;
  settling = true;
  tell("The other corners follow …");
  try {
    const found = await ask("settle", { film: film.film, box: model.box, hints: hints() });
    if (own !== asked) return;
    retry = 0;
    settling = false;
    take(found);
    tell(`Found again in ${found.ms} ms`);
    if (saveAgain) save();
  } catch (error) {
    if (own !== asked) return;
    settling = false;
    refused(error, settle, "The server does not answer. Your corrections are kept here; asking again …");
  }
}

function refused(error, repeat, text) {
  if (isAway(error)) {
    tell(text, true);
    waiting.add(repeat);
    clearTimeout(again);
    again = setTimeout(askAgain, AGAIN_MS[Math.min(retry++, AGAIN_MS.length - 1)]);
  } else if (error.status === 401 || error.status === 403) {
    tell("This page was closed, or its session has ended. Open its address again; your corrections are kept here.", true);
  } else {
    tell(`${error.message} [${error.code}]`, true);
    if (error.code.startsWith("hint-")) step(done, undone, "undone");
  }
}

/** Ask everything that waits, in turn: what is saved then has the corners that were settled before. */
async function askAgain() {
  clearTimeout(again);
  for (const repeat of [settle, save, open]) if (waiting.has(repeat)) await repeat();
}

function take(found) {
  const points = found.points.map((place, point) => (model.fixed.has(point) ? model.points[point] : place));
  model = { ...model, points, peaks: found.peaks, box: found.box, curves: found.curves, largest: found.largest,
    doubts: found.doubts, order: found.order };
  changed();
}

const hints = () => [...model.fixed].map(([point, previous]) => ({ point, place: model.points[point], previous }));

let measured = 0, measuring = null;
/** The curves of the corners as they are under the pointer. */
function measure() {
  if (measuring) return;
  measuring = setTimeout(async () => {
    const own = ++measured;
    try {
      const found = await ask("measure", { film: film.film, points: model.points });
      if (own === measured) { model = { ...model, curves: found.curves, largest: found.largest }; show(); }
    } catch (error) {
      // The curves wait for the next answer; what is away is told when the corner is let go.
    }
    measuring = null;
  }, MEASURE_EVERY_MS);
}

// ---------------------------------------------------------------------------------------------- what a reader does

const nameOf = (point) => `${film.vertebrae[point >> 2]} ${film.corners[point & 3]}`;
const who = () => byId("who").value.trim();

function record(action, point = -1, start = null, end = null) {
  const name = point < 0 ? "" : nameOf(point);
  log = [...log, { action, who: who(), when: new Date().toISOString(), point: point < 0 ? null : point, name, start, end }];
}

function remember() {
  done = [...done.slice(-MOST_UNDO), model];
  undone = [];
}

/** Put a corner somewhere for good; `before` is the model before it was moved. */
function move(point, before) {
  const start = before.points[point], end = model.points[point];
  done = [...done.slice(-MOST_UNDO), before];
  undone = [];
  const fixed = new Map(before.fixed);
  fixed.set(point, before.fixed.has(point) ? before.fixed.get(point) : start);
  model = { ...model, fixed };
  record("moved", point, start, end);
  changed();
  settle();
}

function release(point) {
  if (point < 0 || !model.fixed.has(point)) return;
  remember();
  const fixed = new Map(model.fixed);
  fixed.delete(point);
  record("released", point, model.points[point], null);
  model = { ...model, fixed };
  changed();
  settle();
}

/** Every vertebra takes the place of the one above (-1) or below (1); the one without such a neighbour is found again. */
function shift(way) {
  remember();
  const before = model, fixed = new Map(), points = [...model.points];
  for (let point = 0; point < points.length; point++) {
    const from = point + 4 * way;
    if (from < 0 || from >= points.length) continue;
    points[point] = before.points[from];
    fixed.set(point, before.points[point]);
  }
  record(way < 0 ? "level up" : "level down");
  model = { ...model, points, fixed };
  changed();
  settle();
}

function step(from, to, action) {
  if (!from.length) return;
  waiting.delete(settle);
  settling = false;
  asked++; // an answer that is on its way is to what no longer is
  to.push(model);
  model = from.pop();
  record(action);
  changed();
  tell(action === "undone" ? "Undone" : "Done again");
}

function changed() {
  unsaved = true;
  keep();
  show();
}

// ---------------------------------------------------------------------------------------------- keeping and saving

const place = () => `spine:${film.film}`;

/** Keep unsaved corrections in the browser, so that they outlive the page. */
function keep() {
  try {
    if (!unsaved) { localStorage.removeItem(place()); return; }
    const { points, peaks, box, curves, largest, doubts, order } = model;
    const fixed = [...model.fixed];
    localStorage.setItem(place(), JSON.stringify({ version, log, points, peaks, box, curves, largest, doubts, order, fixed }));
  } catch (error) {
    // Without storage corrections live as long as the page.
  }
}

function kept() {
  try { return JSON.parse(localStorage.getItem(place())); } catch (error) { return null; }
}

const isSettling = () => settling || waiting.has(settle);

async function save() {
  waiting.delete(save);
  if (saving) { saveAgain = true; return; }
  saving = true;
  saveAgain = isSettling();
  byId("save").disabled = true;
  try {
    const message = { film: film.film, version, box: model.box, hints: hints(), points: model.points, peaks: model.peaks, corrections: log };
    const saved = model, answer = await ask("save", message);
    version = answer.version;
    unsaved = model.points !== saved.points || model.fixed !== saved.fixed;
    retry = 0;
    keep();
    tell("Saved to the result");
    if (tabs) tabs.postMessage({ version });
  } catch (error) {
    if (error.status === 409) { saveAgain = false; conflict(); }
    else refused(error, save, "The server does not answer. Your corrections are kept here; saving again …");
  }
  byId("save").disabled = false;
  saving = false;
  show();
  if (saveAgain && !isSettling() && !waiting.has(save)) save();
}

const tabs = "BroadcastChannel" in window ? new BroadcastChannel("scanserve-spine") : null;

function heard(message) {
  if (message.version === version) return;
  if (unsaved) conflict();
  else open().catch((error) => refused(error, open, "The server does not answer; asking again …"));
}

function conflict() {
  askReader("Corrections of this film were saved elsewhere, perhaps in another tab.", [
    ["Take over what was saved", () => { unsaved = false; keep(); open(); }],
    ["Keep mine, and save over it", async () => { version = (await ask("state")).version; save(); }],
  ]);
}

function askReader(text, choices) {
  byId("banner-text").textContent = text;
  byId("banner-buttons").replaceChildren(...choices.map(([label, act]) => {
    const button = document.createElement("button");
    button.textContent = label;
    button.addEventListener("click", () => { byId("banner").hidden = true; act(); });
    return button;
  }));
  byId("banner").hidden = false;
}

// ---------------------------------------------------------------------------------------------- the film on the canvas

/** CSS pixels of one pixel of the film, across and down, before zooming. */
function unit() {
  const [rows, columns] = film.pixel, wide = film.columns * columns, high = film.rows * rows;
  const fit = Math.min(canvas.clientWidth / wide, canvas.clientHeight / high);
  return [fit * columns, fit * rows];
}

function toScreen([x, y]) {
  const [ux, uy] = unit();
  return [canvas.clientWidth / 2 + (x + 0.5 - film.columns / 2 - view.x) * ux * view.zoom,
    canvas.clientHeight / 2 + (y + 0.5 - film.rows / 2 - view.y) * uy * view.zoom];
}

function toFilm([sx, sy]) {
  const [ux, uy] = unit();
  return [(sx - canvas.clientWidth / 2) / (ux * view.zoom) + film.columns / 2 + view.x - 0.5,
    (sy - canvas.clientHeight / 2) / (uy * view.zoom) + film.rows / 2 + view.y - 0.5];
}

const inside = ([x, y]) => [Math.min(Math.max(x, 0), film.columns - 1), Math.min(Math.max(y, 0), film.rows - 1)]
  .map((value) => Math.round(value * 100) / 100);

/** The film through brightness, contrast and inversion, as a picture. */
function develop() {
  const slope = Math.pow(2, view.contrast / 33), middle = 0.5 - view.brightness / 160;
  const table = new Uint32Array(65536);
  for (let value = 0; value < 65536; value++) {
    let grey = Math.min(Math.max((value / 65535 - middle) * slope + 0.5, 0), 1);
    grey = Math.round(255 * (view.invert ? 1 - grey : grey));
    table[value] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  const picture = view.picture || new OffscreenCanvas(film.columns, film.rows);
  const image = new ImageData(film.columns, film.rows), out = new Uint32Array(image.data.buffer);
  for (let at = 0; at < out.length; at++) out[at] = table[film.values[at]];
  picture.getContext("2d").putImageData(image, 0, 0);
  view.picture = picture;
}

let drawing = false;
function draw() {
  if (drawing || !film.loaded) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; paint(); });
}

function paint() {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, width, height);
  const [left, top] = toScreen([-0.5, -0.5]), [right, bottom] = toScreen([film.columns - 0.5, film.rows - 0.5]);
  pen.imageSmoothingEnabled = view.zoom < 8;
  pen.drawImage(view.picture, left, top, right - left, bottom - top);
  if (!view.marks) return;
  const screen = model.points.map(toScreen);
  for (let index = 0; index < film.vertebrae.length; index++) paintVertebra(index, screen.slice(4 * index, 4 * index + 4));
  model.curves.forEach((curve, index) => paintCurve(curve, COLOURS[index % COLOURS.length], index));
  if (chosen >= 0) ring(screen[chosen], 9, ink().chosen, 2);
}

function paintVertebra(index, corners) {
  const colour = model.doubts[index].length ? ink().doubtful : ink().sure;
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1;
  pen.beginPath();
  [0, 1, 3, 2].forEach((corner, at) => pen[at ? "lineTo" : "moveTo"](...corners[corner]));
  pen.closePath();
  pen.stroke();
  pen.globalAlpha = 1;
  corners.forEach((corner, at) => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(...corner, 2.6, 0, 7);
    pen.fill();
    if (model.fixed.has(4 * index + at)) ring(corner, 5.5, ink().fixed, 1.6);
  });
  const x = Math.max(corners[1][0], corners[3][0]) + 9, y = (corners[1][1] + corners[3][1]) / 2;
  label(film.vertebrae[index], x, y, colour);
}

function ring([x, y], radius, colour, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.stroke();
}

function label(text, x, y, colour) {
  pen.font = "600 12px system-ui, 'DejaVu Sans', sans-serif";
  pen.textBaseline = "middle";
  pen.lineWidth = 3;
  pen.strokeStyle = ink().halo;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

function paintCurve(curve, colour, index) {
  const ends = [curve.upper_edge, curve.lower_edge].map((edge) => {
    const [start, end] = edge.map(toScreen), way = [end[0] - start[0], end[1] - start[1]];
    const line = [[start[0] - 1.1 * way[0], start[1] - 1.1 * way[1]], [end[0] + 0.6 * way[0], end[1] + 0.6 * way[1]]];
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(...line[0]);
    pen.lineTo(...line[1]);
    pen.stroke();
    return line[0];
  });
  const text = `${curve.degrees.toFixed(1)}°`;
  pen.font = "700 15px system-ui, 'DejaVu Sans', sans-serif";
  const width = pen.measureText(text).width + 14;
  const x = Math.max(Math.min(ends[0][0], ends[1][0]) - width - 8 - 4 * index, 6), y = (ends[0][1] + ends[1][1]) / 2;
  pen.fillStyle = colour;
  pen.beginPath();
  pen.roundRect(x, y - 12, width, 24, 6);
  pen.fill();
  pen.fillStyle = "#10202e";
  pen.textBaseline = "middle";
  pen.fillText(text, x + 7, y + 1);
}

// ---------------------------------------------------------------------------------------------- the panel

function show() {
  draw();
  const side = (curve) => (curve.patient_side ? `${curve.patient_side} of the patient` : `${curve.side} of the film`);
  byId("curves").replaceChildren(...(model.curves.length
    ? model.curves.map((curve, index) => curveRow(COLOURS[index % COLOURS.length], `${curve.upper} – ${curve.lower}`,
      `apex ${curve.apex}, to the ${side(curve)}`, curve.degrees))
    : [curveRow("#5c6570", "No curve of 10° or more", "greatest angle", model.largest)]));
  byId("doubts").replaceChildren(...(model.order.length ? model.order.map(doubtItem) : [item("Nothing looks doubtful.", "none")]));
  byId("undo").disabled = !done.length;
  byId("redo").disabled = !undone.length;
  byId("release").disabled = chosen < 0 || !model.fixed.has(chosen);
  byId("selected").textContent = chosen < 0 ? "Drag a corner to where it belongs; the others follow."
    : `${nameOf(chosen)} at ${model.points[chosen].map((value) => value.toFixed(1)).join(", ")}${model.fixed.has(chosen) ? ", fixed" : ""}. ${sentence(model.doubts[chosen >> 2].join("; "))}`;
  byId("count").textContent = log.length;
  byId("log").replaceChildren(...log.slice(-100).map((entry) => item(
    `${entry.name || "All corners"} ${entry.action}, ${entry.who || "no name"}, ${new Date(entry.when).toLocaleTimeString()}`, "")));
  byId("saved").textContent = unsaved ? "Not saved yet" : log.length ? "Saved" : "";
}

function curveRow(colour, title, text, degrees) {
  const row = document.createElement("div"), bar = document.createElement("i"), words = document.createElement("span");
  const small = document.createElement("small"), number = document.createElement("b");
  row.className = "curve";
  bar.style.background = colour;
  words.textContent = title;
  small.textContent = text;
  words.append(small);
  number.textContent = `${degrees.toFixed(1)}°`;
  row.append(bar, words, number);
  return row;
}

function item(text, name) {
  const made = document.createElement("li");
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function doubtItem(index) {
  const made = document.createElement("li"), button = document.createElement("button");
  button.textContent = film.vertebrae[index];
  button.title = model.doubts[index].join("; ");
  button.setAttribute("aria-label", `${film.vertebrae[index]}: ${model.doubts[index].join("; ")}`);
  button.addEventListener("click", () => goTo(index));
  made.append(button);
  return made;
}

/** Bring a vertebra near, and choose its least certain corner. */
function goTo(index) {
  const points = [0, 1, 2, 3].map((corner) => 4 * index + corner);
  chosen = points.reduce((least, point) => (model.peaks[point] < model.peaks[least] ? point : least));
  const corners = points.map((point) => model.points[point]);
  const height = Math.max(...corners.map((corner) => corner[1])) - Math.min(...corners.map((corner) => corner[1]));
  view.zoom = Math.min(Math.max(film.rows / (8 * Math.max(height, 1)), 1), 8);
  view.x = corners.reduce((sum, corner) => sum + corner[0], 0) / 4 - film.columns / 2;
  view.y = corners.reduce((sum, corner) => sum + corner[1], 0) / 4 - film.rows / 2;
  show();
}

function choose(point) {
  chosen = point;
  const [x, y] = toScreen(model.points[point]);
  if (x < 20 || y < 20 || x > canvas.clientWidth - 20 || y > canvas.clientHeight - 20) {
    view.x = model.points[point][0] - film.columns / 2;
    view.y = model.points[point][1] - film.rows / 2;
  }
  show();
}

function zoom(factor, at = [canvas.clientWidth / 2, canvas.clientHeight / 2]) {
  const before = toFilm(at);
  view.zoom = Math.min(Math.max(view.zoom * factor, LOWEST_ZOOM), HIGHEST_ZOOM);
  const after = toFilm(at);
  view.x += before[0] - after[0];
  view.y += before[1] - after[1];
  draw();
}

function fit() {
  Object.assign(view, { zoom: 1, x: 0, y: 0 });
  draw();
}

function invert() {
  view.invert = !view.invert;
  byId("invert").setAttribute("aria-pressed", view.invert);
  develop();
  draw();
}

function marks() {
  view.marks = !view.marks;
  byId("marks").setAttribute("aria-pressed", view.marks);
  draw();
}

// ---------------------------------------------------------------------------------------------- pointers

const pointers = new Map();
const at = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

function nearest(screen, touch) {
  if (!view.marks) return -1;
  let best = -1, least = touch ? REACH_TOUCH_PX : REACH_PX;
  model.points.forEach((point, index) => {
    const far = distance(toScreen(point), screen);
    if (far < least) { best = index; least = far; }
  });
  return best;
}

function pressed(event) {
  if (!film.loaded) return;
  canvas.focus({ preventScroll: true });
  canvas.setPointerCapture(event.pointerId);
  const screen = at(event);
  pointers.set(event.pointerId, screen);
  endKeys();
  if (pointers.size === 2) { putBack(); drag = { kind: "pinch", span: span() }; return; }
  if (pointers.size > 2) return;
  const kind = event.button === 2 || event.shiftKey ? "window" : "";
  const point = kind ? -1 : nearest(screen, event.pointerType === "touch");
  if (!kind && event.button !== 0 && event.button !== 1) return;
  const grip = point < 0 ? null : toScreen(model.points[point]);
  drag = { kind: kind || (point < 0 ? "pan" : "corner"), point, start: screen, last: screen, moved: false, before: model,
    offset: grip && [grip[0] - screen[0], grip[1] - screen[1]] };
  event.preventDefault();
}

const span = () => { const [a, b] = [...pointers.values()]; return { far: distance(a, b), middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] }; };

function moved(event) {
  const screen = at(event);
  if (!film.loaded) return;
  if (!drag) { canvas.classList.toggle("corner", nearest(screen, false) >= 0); return; }
  if (!pointers.has(event.pointerId)) return;
  pointers.set(event.pointerId, screen);
  if (drag.kind === "pinch") { pinch(); return; }
  if (!drag.moved && distance(screen, drag.start) < DRAG_PX) return;
  const way = [screen[0] - drag.last[0], screen[1] - drag.last[1]];
  drag.moved = true;
  drag.last = screen;
  canvas.classList.add("dragging");
  if (drag.kind === "corner") carry(screen);
  else if (drag.kind === "window") lighten(way);
  else pan(way);
}

function pan(way) {
  const [ux, uy] = unit();
  view.x -= way[0] / (ux * view.zoom);
  view.y -= way[1] / (uy * view.zoom);
  draw();
}

function pinch() {
  if (pointers.size < 2) return;
  const now = span();
  pan([now.middle[0] - drag.span.middle[0], now.middle[1] - drag.span.middle[1]]);
  zoom(now.far / Math.max(drag.span.far, 1), now.middle);
  drag.span = now;
}

function lighten(way) {
  setWindow(view.brightness - way[1] / 3, view.contrast + way[0] / 3);
}

function setWindow(brightness, contrast) {
  view.brightness = Math.min(Math.max(brightness, -100), 100);
  view.contrast = Math.min(Math.max(contrast, -100), 100);
  byId("brightness").value = view.brightness;
  byId("contrast").value = view.contrast;
  develop();
  draw();
}

function put(point, where) {
  const points = [...model.points];
  points[point] = inside(where);
  model = { ...model, points };
  chosen = point;
  measure();
  show();
}

function carry(screen) {
  put(drag.point, toFilm([screen[0] + drag.offset[0], screen[1] + drag.offset[1]]));
}

function letGo(event) {
  pointers.delete(event.pointerId);
  canvas.classList.remove("dragging");
  if (!drag) return;
  const ended = drag;
  if (ended.kind === "pinch") { if (pointers.size === 0) drag = null; return; }
  drag = null;
  if (ended.kind !== "corner") return;
  if (ended.moved) move(ended.point, ended.before);
  else choose(ended.point);
}

/** Give up a drag: the corner goes back. */
function putBack() {
  if (drag && drag.kind === "corner" && drag.moved) { model = { ...model, points: drag.before.points, curves: drag.before.curves, largest: drag.before.largest }; show(); }
  drag = null;
  canvas.classList.remove("dragging");
}

canvas.addEventListener("pointerdown", pressed);
canvas.addEventListener("pointermove", moved);
canvas.addEventListener("pointerup", letGo);
canvas.addEventListener("pointercancel", (event) => { pointers.delete(event.pointerId); putBack(); });
canvas.addEventListener("contextmenu", (event) => event.preventDefault());
canvas.addEventListener("dblclick", (event) => { const point = nearest(at(event), false); if (point >= 0) release(point); });
canvas.addEventListener("wheel", (event) => { if (!film.loaded) return; event.preventDefault(); zoom(Math.exp(-event.deltaY / 500), at(event)); }, { passive: false });

// ---------------------------------------------------------------------------------------------- keyboard

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function nudge(way, far) {
  if (chosen < 0) { choose(0); return; }
  if (!keys) keys = { point: chosen, before: model };
  const [x, y] = model.points[chosen];
  put(chosen, [x + far * way[0], y + far * way[1]]);
  clearTimeout(keys.timer);
  keys.timer = setTimeout(endKeys, KEYS_SETTLE_MS);
}

function endKeys() {
  if (!keys) return;
  clearTimeout(keys.timer);
  const { point, before } = keys;
  keys = null;
  if (distance(before.points[point], model.points[point]) > 0) move(point, before);
}

function escape() {
  if (keys) { clearTimeout(keys.timer); model = { ...model, points: keys.before.points, curves: keys.before.curves, largest: keys.before.largest }; keys = null; show(); }
  putBack();
}

const otherCorner = (way) => { endKeys(); choose(chosen < 0 ? 0 : (chosen + way + model.points.length) % model.points.length); };

function nextDoubt() {
  if (!model.order.length) return;
  goTo(model.order[(model.order.indexOf(chosen >> 2) + 1) % model.order.length]);
}

const KEYS = {
  n: () => otherCorner(1), p: () => otherCorner(-1), d: nextDoubt, i: invert, m: marks, Enter: endKeys, Escape: escape,
  Delete: () => release(chosen), Backspace: () => release(chosen), "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit,
};

function undo() { endKeys(); step(done, undone, "undone"); }
function redo() { endKeys(); step(undone, done, "redone"); }

function typed(event) {
  if (!film.loaded || event.target.matches("input[type=text]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    (key === "y" || event.shiftKey ? redo : undo)();
    return;
  }
  if (event.target !== canvas && event.target !== document.body) return;
  if (key in ARROWS) nudge(ARROWS[key], event.shiftKey ? 10 : 1);
  else if (key in KEYS) KEYS[key]();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", typed);

// ---------------------------------------------------------------------------------------------- beginning

const BUTTONS = { undo, redo, release: () => release(chosen), up: () => shift(-1), down: () => shift(1), invert, fit, marks, save,
  closer: () => zoom(1.25), farther: () => zoom(0.8) };
for (const [id, act] of Object.entries(BUTTONS)) byId(id).addEventListener("click", () => { if (film.loaded) act(); });
byId("brightness").addEventListener("input", (event) => setWindow(+event.target.value, view.contrast));
byId("contrast").addEventListener("input", (event) => setWindow(view.brightness, +event.target.value));
new ResizeObserver(draw).observe(canvas);
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
/** After a pause (a closed laptop, a network that was gone) what waits is asked at once. */
function wake() {
  if (document.visibilityState !== "visible") return;
  retry = 0;
  askAgain();
}
document.addEventListener("visibilitychange", wake);
window.addEventListener("online", wake);
if (tabs) tabs.addEventListener("message", (event) => heard(event.data));

function begin(state) {
  const fixed = new Map(state.fixed.map((point) => [point, null]));
  const { points, peaks, box, curves, largest, doubts, order } = state;
  model = { points, peaks, box, curves, largest, doubts, order, fixed };
  log = state.corrections;
  version = state.version;
  done = [];
  undone = [];
  unsaved = false;
}

function resume(draft) {
  const { points, peaks, box, curves, largest, doubts, order } = draft;
  model = { points, peaks, box, curves, largest, doubts, order, fixed: new Map(draft.fixed) };
  log = draft.log;
  unsaved = true;
  show();
}

async function open() {
  waiting.delete(open);
  try {
    const state = await ask("state");
    if (film.film !== state.film) {
      film.values = new Uint16Array(await ask("pixels"));
      view.picture = null;
    }
    Object.assign(film, state, { loaded: true });
    begin(state);
  } catch (error) {
    refused(error, open, "The server does not answer; asking again …");
    return;
  }
  retry = 0;
  if (!byId("who").value) byId("who").value = film.who;
  byId("notice").textContent = film.notice;
  byId("notes").replaceChildren(...film.notes.map((note) => { const text = document.createElement("p"); text.textContent = sentence(note); return text; }));
  const draft = kept();
  if (!view.picture) develop();
  show();
  tell(model.order.length ? `Look at ${model.order.length} doubtful vertebrae first` : "");
  if (!draft) return;
  if (draft.version === version) { resume(draft); tell("Corrections that were not saved are here again"); return; }
  askReader("There are corrections that were not saved, of an earlier state of this film.", [
    ["Go on with them", () => { resume(draft); }],
    ["Drop them", () => { unsaved = false; keep(); }],
  ]);
}

/** What a test or a curious reader may look at; nothing here changes anything. */
window.scanserveSpine = {
  get ready() { return film.loaded && !isSettling() && !waiting.size; },
  get model() { return model; },
  get view() { return view; },
  get log() { return log; },
  get unsaved() { return unsaved; },
  get version() { return version; },
  screen: (point) => { const box = canvas.getBoundingClientRect(), [x, y] = toScreen(model.points[point]); return [x + box.left, y + box.top]; },
};
open();
