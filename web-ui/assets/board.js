// Shows what the station wants on a television, and tells it what is really on the screen.
"use strict";

const $ = (id) => document.getElementById(id);
const here = location.pathname.replace(/\/$/, "");
const token = "?token=" + encodeURIComponent(new URLSearchParams(location.search).get("token") ?? "");
const body = document.body;
const LOST_AFTER = 12000;

let scene = null;
let painted = null;
let heard = performance.now();
let clockAt = null; // the station's time when performance.now() was 0
let feed = null;
let alone = false; // it shows what it was not told

function open() {
  if (feed) feed.close();
  feed = new EventSource(here + "/feed" + token);
  feed.addEventListener("scene", (event) => {
    const told = JSON.parse(event.data);
    alive(told.now_ms);
    paint(told);
  });
  feed.addEventListener("beat", (event) => alive(Number(event.data)));
}

function alive(now) {
  heard = performance.now();
  clockAt = now - heard;
  if (body.classList.contains("lost")) {
    body.classList.remove("lost");
    fit();
  }
  if (alone && scene) paint(scene);
  tick();
}

const now = () => (clockAt === null ? null : clockAt + performance.now());

function tick() {
  const at = now();
  if (at !== null) {
    const here = new Date(at + 7 * 3600 * 1000);
    $("clock").textContent = here.toISOString().slice(11, 16);
    // The end of a message holds without the station, too.
    if (scene && scene.until_ms !== null && at > scene.until_ms) {
      if (body.dataset.end === "idle") rest(); else body.classList.add("dark");
    }
  }
  if (performance.now() - heard > LOST_AFTER) {
    if (!body.classList.contains("lost")) {
      body.classList.add("lost");
      fit(); // the notice takes room of its own
    }
    if (body.dataset.lost === "idle" && scene && scene.text !== null) rest();
  }
}

// The text of quiet hours, which nobody has told it to show now.
function rest() {
  if (alone) return;
  alone = true;
  painted = null;
  body.className = body.classList.contains("lost") ? "no-code lost" : "no-code";
  $("title").textContent = "";
  $("text").textContent = body.dataset.idle;
  drawCode([]);
  showMedia(null);
  fit();
}

function title(told) {
  if (told.drill) return "DIỄN TẬP";
  if (told.level) return "CẢNH BÁO THIÊN TAI CẤP " + told.level;
  return told.flash ? "THÔNG BÁO KHẨN CẤP" : "";
}

async function paint(told) {
  scene = told;
  painted = null;
  alone = false;
  const names = [];
  if (told.text === null) names.push("dark");
  if (told.level) names.push("l" + Math.min(told.level, 5));
  if (told.drill) names.push("drill");
  if (told.flash) names.push("flash");
  if (told.flash && !told.level && !told.drill) names.push("urgent");
  if (!told.code.length) names.push("no-code");
  body.className = names.join(" ");
  $("title").textContent = title(told);
  $("text").textContent = told.text ?? "";
  $("scene").style.opacity = Math.max(told.brightness, 15) / 100;
  drawCode(told.code);
  const shown = showMedia(told.picture);
  await document.fonts.ready;
  fit();
  await Promise.race([shown, new Promise((done) => setTimeout(done, 4000))]);
  if (scene !== told) return;
  fit();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (scene !== told) return;
    painted = told.turn;
    say();
  }));
}

function fit() {
  const box = $("box"), text = $("text");
  let low = 12, high = Math.max(24, Math.floor(box.clientHeight * 0.6));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    text.style.fontSize = middle + "px";
    const fits = text.scrollWidth <= box.clientWidth && text.offsetHeight <= box.clientHeight;
    if (fits) low = middle; else high = middle - 1;
  }
  text.style.fontSize = low + "px";
}

function drawCode(rows) {
  const svg = $("code"), quiet = 4, size = rows.length + 2 * quiet;
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  let path = "";
  rows.forEach((row, y) => [...row].forEach((module, x) => {
    if (module === "1") path += `M${x + quiet} ${y + quiet}h1v1h-1z`;
  }));
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawn.setAttribute("d", path);
  svg.replaceChildren(drawn);
}

// A picture or a film; what cannot be shown is left out, and the text has the room.
function showMedia(clip) {
  const place = $("media");
  place.replaceChildren();
  if (!clip) return Promise.resolve();
  const from = here + "/media/" + encodeURIComponent(clip) + token;
  const picture = new Image();
  picture.alt = "";
  picture.src = from;
  return picture.decode().then(() => place.replaceChildren(picture), () => {
    const film = document.createElement("video");
    film.muted = film.loop = film.autoplay = film.playsInline = true;
    film.src = from;
    place.replaceChildren(film);
    return film.play().catch(() => place.replaceChildren());
  });
}

// Only what stands on a visible page is said to be seen.
function onScreen() {
  if (painted === null || document.visibilityState !== "visible") return false;
  if (body.classList.contains("lost") && body.dataset.lost === "dark") return false;
  const box = $("text").getBoundingClientRect();
  const lit = box.width > 0 && box.height > 0 && !body.classList.contains("dark");
  return scene.text === null ? !lit : lit;
}

function say() {
  if (!onScreen()) return;
  fetch(here + "/seen" + token, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ turn: painted }),
  }).catch(() => {});
}

open();
setInterval(tick, 1000);
setInterval(say, 3000);
// A stream that has died without a word is opened anew.
setInterval(() => { if (performance.now() - heard > LOST_AFTER) open(); }, 6000);
addEventListener("resize", fit);
