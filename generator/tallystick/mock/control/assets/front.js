// Shows new exchanges and what is kept, asked for once a second while the page is visible.
const base = "/_tallystick";
const shown = 50;
let newest = "";
const known = {};

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

function unfolding(title, value) {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = title;
  const text = document.createElement("pre");
  text.textContent = JSON.stringify(value, null, 2);
  details.append(summary, text);
  return details;
}

function exchange(entry) {
  const said = { request: entry.body, answer: entry.answerBody };
  return row([entry.number, unfolding(`${entry.method} ${entry.target}`, said), entry.operation, entry.status, entry.note]);
}

function delivery(sent) {
  const attempts = sent.attempts.map((attempt) => attempt.status || attempt.error).join(", ");
  return row([sent.id, unfolding(sent.webhook, sent.body), sent.url, sent.state, attempts]);
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

async function show(id, path, made) {
  const text = await (await fetch(`${base}${path}`)).text();
  if (text === known[id]) return;
  known[id] = text;
  document.getElementById(id).replaceChildren(...JSON.parse(text).map(made));
}

function nameOf(entry) {
  return `${entry.number} ${entry.at}`;
}

async function showJournal() {
  const entries = await (await fetch(`${base}/journal?limit=${shown}`)).json();
  const exchanges = document.getElementById("exchanges");
  const seen = entries.findIndex((entry) => nameOf(entry) === newest);
  if (seen < 0) exchanges.replaceChildren(); // it was cleared, or all of it is new
  for (const entry of entries.slice(seen + 1)) {
    newest = nameOf(entry);
    exchanges.prepend(exchange(entry));
  }
  while (exchanges.children.length > shown) exchanges.lastElementChild.remove();
}

async function refresh() {
  await showJournal();
  await show("records", `/resources?limit=${shown}`, kept);
  await show("deliveries", `/webhooks/deliveries?limit=${shown}`, delivery);
}

refresh();
setInterval(() => document.hidden || refresh().catch(() => undefined), 1000);
