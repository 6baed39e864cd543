"use strict";
// Rows are arrays of cells. A cell is null (nothing to say), a string, or
// {t: text shown, n: number or date to sort by, c: tone, l: link}.
const sheets = new Map();
for (const el of document.querySelectorAll("script[type='application/json']")) sheets.set(el.id, el);
const perPage = 200, $ = id => document.getElementById(id);
let now = null;

const text = c => c === null ? "" : typeof c === "string" ? c : c.t;
const number = c => c !== null && typeof c === "object" && typeof c.n === "number" ? c.n : null;

function load(slug) {
  const el = sheets.get("sheet-" + slug);
  if (!el) return null;
  if (!el.data) el.data = JSON.parse(el.textContent);
  return el.data;
}

// Numbers come by size, words after them by the alphabet, empty cells last.
function compare(column, down) {
  const sign = down ? -1 : 1;
  return (x, y) => {
    const a = x[column], b = y[column], n = number(a), m = number(b);
    if (n !== null && m !== null) return sign * (n - m);
    if (n !== null || m !== null) return n !== null ? -1 : 1;
    const s = text(a), t = text(b);
    if ((s === "") !== (t === "")) return s === "" ? 1 : -1;
    return sign * (s < t ? -1 : s > t ? 1 : 0);
  };
}

function rows(data) {
  const words = now.q.toLowerCase().split(/\s+/).filter(Boolean);
  let found = words.length === 0 ? data.rows.slice() : data.rows.filter(r => {
    const line = r.map(text).join("\u0001").toLowerCase();
    return words.every(w => line.includes(w));
  });
  const column = data.columns.findIndex(c => c.h === now.sort);
  if (column >= 0) found.sort(compare(column, now.down));
  return found;
}

function cell(c, column) {
  const td = document.createElement("td");
  if (c === null) return td;
  const tone = typeof c === "object" && c.c ? c.c : "";
  td.className = (column.n && number(c) !== null ? "n " : "") + tone;
  if (typeof c === "object" && c.l) {
    const a = document.createElement("a");
    a.href = c.l; a.textContent = c.t; a.rel = "noopener noreferrer"; a.target = "_blank";
    td.append(a);
  } else td.textContent = text(c);
  return td;
}

function draw() {
  const data = load(now.sheet), found = rows(data);
  const pages = Math.max(1, Math.ceil(found.length / perPage));
  now.page = Math.min(Math.max(now.page, 0), pages - 1);
  const from = now.page * perPage, part = found.slice(from, from + perPage);
  $("title").textContent = data.title;
  $("note").textContent = data.note;
  if ($("search").value !== now.q) $("search").value = now.q;
  const total = data.rows.length.toLocaleString("en");
  $("shown").textContent = found.length === 0 ? "None of " + total + " rows" :
    (from + 1).toLocaleString("en") + " to " + (from + part.length).toLocaleString("en") + " of " + found.length.toLocaleString("en") + " rows" +
    (found.length < data.rows.length ? ", of " + total + " in all" : "");
  $("back").disabled = now.page === 0;
  $("on").disabled = now.page === pages - 1;
  const head = document.createElement("tr");
  data.columns.forEach(c => {
    const th = document.createElement("th");
    th.textContent = c.h; th.tabIndex = 0; th.scope = "col";
    if (c.n) th.className = "n";
    if (c.h === now.sort) th.ariaSort = now.down ? "descending" : "ascending", th.setAttribute("aria-sort", th.ariaSort);
    const turn = () => { go({ sort: c.h, down: c.h === now.sort ? !now.down : c.n, page: 0 }); };
    th.onclick = turn;
    th.onkeydown = e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); turn(); } };
    head.append(th);
  });
  $("table").tHead.replaceChildren(head);
  $("table").tBodies[0].replaceChildren(...part.map(r => {
    const tr = document.createElement("tr");
    data.columns.forEach((c, i) => tr.append(cell(i < r.length ? r[i] : null, c)));
    return tr;
  }));
}

// What is shown stands in the address, so that it can be sent to a colleague.
function go(change) {
  Object.assign(now, change);
  const p = new URLSearchParams({ sheet: now.sheet });
  if (now.q) p.set("q", now.q);
  if (now.sort) p.set("sort", now.sort);
  if (now.down) p.set("down", "1");
  history.replaceState(null, "", "#" + p);
  draw();
}

function open() {
  const p = new URLSearchParams(location.hash.slice(1)), slug = p.get("sheet");
  const known = slug !== null && load(slug) !== null;
  $("summary").hidden = known;
  $("sheet").hidden = !known;
  for (const a of document.querySelectorAll("nav a")) a.classList.toggle("here", a.hash === (known ? "#sheet=" + slug : "#summary"));
  if (!known) return;
  now = { sheet: slug, q: p.get("q") || "", sort: p.get("sort") || "", down: p.get("down") === "1", page: 0 };
  draw();
}

$("search").oninput = e => go({ q: e.target.value, page: 0 });
$("back").onclick = () => go({ page: now.page - 1 });
$("on").onclick = () => go({ page: now.page + 1 });
addEventListener("hashchange", open);
open();
