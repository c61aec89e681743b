"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  table.querySelectorAll("thead th").forEach((th, i) => {
    const button = th.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const up = th.getAttribute("aria-sort") === "descending";
      table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      const number = th.classList.contains("n");
      const value = (tr) => tr.cells[i].dataset.v ?? tr.cells[i].textContent.trim();
      [...body.rows].sort((a, b) => {
        const x = value(a), y = value(b);
        if (x === "" || y === "") return (x === "") - (y === "");
        const order = number ? Number(x) - Number(y) : x.localeCompare(y);
        return up ? order : -order;
      }).forEach((tr) => body.append(tr));
    });
  });
}
const filter = document.getElementById("filter");
if (filter) {
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const tr of document.querySelectorAll("#portfolio-table tbody tr")) {
      tr.hidden = !tr.textContent.toLowerCase().includes(wanted);
    }
  });
}
