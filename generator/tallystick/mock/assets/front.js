// Shows new exchanges and what is kept, asked for once a second while the page is visible.
const base = "/_tallystick";
const shown = 50;
let last = 0;
let known = "";

function row(cells) {
  const tr = document.createElement("tr");
  for (const cell of cells) {
    const td = document.createElement("td");
    if (cell instanceof Node) td.append(cell);
    else td.textContent = cell ?? "";
    tr.append(td);
  }
  return tr;
}

function exchange(entry) {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = `${entry.method} ${entry.target}`;
  const text = document.createElement("pre");
  text.textContent = JSON.stringify({ request: entry.body, answer: entry.answerBody }, null, 2);
  details.append(summary, text);
  return row([entry.number, details, entry.operation, entry.status, entry.note]);
}

function happening(record, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", async () => {
    const place = [record.resource, record.key].map(encodeURIComponent).join("/");
    await fetch(`${base}/resources/${place}/events/${encodeURIComponent(name)}`, { method: "POST" });
    await refresh();
  });
  return button;
}

function kept(record) {
  const actions = document.createElement("span");
  actions.append(...record.events.map((name) => happening(record, name)));
  let key = record.key;
  if (record.page) {
    key = document.createElement("a");
    key.href = record.page;
    key.textContent = record.key;
  }
  return row([record.resource, key, record.state, actions]);
}

async function refresh() {
  const entries = await (await fetch(`${base}/journal?after=${last}&limit=${shown}`)).json();
  const exchanges = document.getElementById("exchanges");
  for (const entry of entries) {
    last = Math.max(last, entry.number);
    exchanges.prepend(exchange(entry));
  }
  while (exchanges.children.length > shown) exchanges.lastElementChild.remove();
  const text = await (await fetch(`${base}/resources?limit=${shown}`)).text();
  if (text !== known) {
    known = text;
    document.getElementById("records").replaceChildren(...JSON.parse(text).map(kept));
  }
}

refresh();
setInterval(() => document.hidden || refresh().catch(() => undefined), 1000);
