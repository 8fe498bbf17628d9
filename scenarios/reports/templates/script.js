(function () {
  "use strict";
  var root = document.documentElement, data = JSON.parse(document.getElementById("figures").textContent);
  var panels = [].slice.call(document.querySelectorAll(".panel"));
  var tabs = [].slice.call(document.querySelectorAll(".tabs a"));
  var tip = document.getElementById("tip");

  // Scenario switch: links without a script, tabs with one.
  root.classList.add("script");
  document.querySelector(".tabs").setAttribute("role", "tablist");
  function open(key, focus) {
    panels.forEach(function (panel) { panel.classList.toggle("open", panel.id === key); });
    tabs.forEach(function (tab) {
      var on = tab.dataset.panel === key;
      tab.setAttribute("aria-selected", on ? "true" : "false");
      tab.tabIndex = on ? 0 : -1;
      if (on && focus) { tab.focus(); }
    });
  }
  tabs.forEach(function (tab, at) {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", tab.dataset.panel);
    tab.addEventListener("click", function (event) { event.preventDefault(); open(tab.dataset.panel, true); });
    tab.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      var to = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : step ? (at + step + tabs.length) % tabs.length : -1;
      if (to >= 0) { event.preventDefault(); open(tabs[to].dataset.panel, true); }
      if (event.key === " ") { event.preventDefault(); open(tab.dataset.panel, true); }
    });
  });
  panels.forEach(function (panel) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", panel.id + "-tab");
    panel.removeAttribute("aria-label");
  });
  var wanted = location.hash.slice(1), first = document.querySelector('.panel[data-first="yes"]') || panels[0];
  open(panels.some(function (p) { return p.id === wanted; }) ? wanted : first.id, false);

  // Figures under the pointer.
  function number(value) {
    if (value === null || value === undefined) { return "–"; }
    var text = Math.abs(value) >= 1e6 ? (value / 1e6).toPrecision(4) * 1 + " million" : String(Math.round(value * 10) / 10);
    return text.replace(/^(\d+)/, function (whole) { return whole.replace(/\B(?=(\d{3})+$)/g, "\u202f"); });
  }
  function ownerLines(map, owner) {
    var f = map.figures[owner];
    if (!f) { return []; }
    var lines = [number(f[0]) + " units, potential " + number(f[4]) + " " + data.currency];
    if (f[2] > 0) { lines.push("load " + number(f[1]) + " of " + number(f[2]) + " h (" + Math.round(100 * f[1] / f[2]) + "\u202f%), travel " + number(f[3]) + " h"); }
    return lines;
  }
  function describe(map, unit) {
    var owner = map.owners[map.of[unit]], was = map.owners[map.was[unit]], name = data.names[unit];
    var lines = [(name ? name + " · " : "") + data.ids[unit]];
    if (data.potential.length) { lines.push("potential " + number(data.potential[unit]) + ", sales " + number(data.sales[unit]) + " " + data.currency); }
    if (owner === undefined) { return lines.join("\n"); }
    lines.push("owner " + (map.shares[unit] || owner || "nobody"));
    if (!map.today) { lines.push(was ? (was === owner ? "as today" : "today " + was) : "nobody's today"); }
    var more = ownerLines(map, owner);
    if (more.length) { lines.push("", "Territory " + owner); lines = lines.concat(more); }
    return lines.join("\n");
  }
  function place(event) {
    tip.hidden = false;
    var x = event.clientX + 14, y = event.clientY + 14;
    if (x + tip.offsetWidth > innerWidth - 8) { x = event.clientX - tip.offsetWidth - 10; }
    if (y + tip.offsetHeight > innerHeight - 8) { y = event.clientY - tip.offsetHeight - 10; }
    tip.style.left = Math.max(4, x) + "px";
    tip.style.top = Math.max(4, y) + "px";
  }
  var space = "http://www.w3.org/2000/svg";
  // One layer of units serves all maps: it moves to the map under the pointer.
  var hit = document.getElementById("units").cloneNode(true), here = null;
  hit.removeAttribute("id");
  hit.setAttribute("class", "hit");
  var pin = document.createElementNS(space, "circle");
  pin.setAttribute("class", "pin");
  pin.setAttribute("r", 16);
  function light(svg, owner) {
    [].forEach.call(document.querySelectorAll(".o.lit, tr.lit"), function (el) { el.classList.remove("lit"); });
    if (owner === null) { return; }
    var panel = svg.closest(".panel");
    [].forEach.call(panel.querySelectorAll("[data-outline], tr[data-owner]"), function (el) {
      if ((el.dataset.outline || el.dataset.owner) === owner) { el.classList.add("lit"); }
    });
  }
  function nearestDot(svg, event) {
    if (!data.dots.length) { return -1; }
    var matrix = svg.getScreenCTM();
    var x = (event.clientX - matrix.e) / matrix.a, y = (event.clientY - matrix.f) / matrix.d;
    var reach = Math.pow(12 / matrix.a, 2), best = -1;
    data.dots.forEach(function (unit) {
      var dx = data.x[unit] - x, dy = data.y[unit] - y, far = dx * dx + dy * dy;
      if (far < reach) { reach = far; best = unit; }
    });
    return best;
  }
  [].forEach.call(document.querySelectorAll("svg.territories"), function (svg) {
    var map = data.maps[svg.dataset.map], shown = -1;
    if (!map) { return; }
    svg.addEventListener("pointerenter", function () { svg.appendChild(hit); svg.appendChild(pin); });
    function leave() {
      tip.hidden = true; shown = -1; light(svg, null); pin.style.display = "none";
      if (here) { here.classList.remove("here"); here = null; }
    }
    svg.addEventListener("pointerleave", leave);
    svg.addEventListener("pointermove", function (event) {
      var unit = nearestDot(svg, event), target = null;
      if (unit >= 0 && map.of[unit] >= 0) {
        pin.setAttribute("cx", data.x[unit]); pin.setAttribute("cy", data.y[unit]);
        pin.style.display = "";
      } else {
        unit = -1; pin.style.display = "none";
        if (event.target.dataset && event.target.dataset.u !== undefined) { target = event.target; unit = +target.dataset.u; }
      }
      if (unit < 0) { leave(); return; }
      if (here !== target) {
        if (here) { here.classList.remove("here"); }
        here = target;
        if (here) { here.classList.add("here"); }
      }
      if (unit !== shown) {
        shown = unit;
        tip.textContent = describe(map, unit);
        light(svg, map.of[unit] < 0 ? null : map.owners[map.of[unit]]);
      }
      place(event);
    });
  });
  [].forEach.call(document.querySelectorAll(".maps:not(.single) .map"), function (figure) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "enlarge";
    button.textContent = "enlarge";
    button.setAttribute("aria-label", "Enlarge the map " + figure.querySelector("strong").textContent);
    button.addEventListener("click", function () {
      var large = figure.classList.toggle("large");
      button.textContent = large ? "reduce" : "enlarge";
    });
    figure.querySelector("figcaption").appendChild(button);
  });
  [].forEach.call(document.querySelectorAll(".bars tr[data-owner]"), function (row) {
    var svg = row.closest(".panel").querySelector("svg.territories");
    row.addEventListener("pointerenter", function () { if (svg) { light(svg, row.dataset.owner); } });
    row.addEventListener("pointerleave", function () { if (svg) { light(svg, null); } });
  });
})();
