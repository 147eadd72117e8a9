// Puts the simulator's people into WorkOS's own emulator, asks both the same, and prints where they differ.
// Use: see README.md. Nothing of it is part of a build or a test.
import { pathToFileURL } from 'node:url';
import { join, resolve } from 'node:path';

const [simulator, modules = 'node_modules'] = process.argv.slice(2);
if (!simulator) {
  console.error('use: node compare.mjs http://127.0.0.1:8099 [path to node_modules]');
  process.exit(2);
}
// The emulator's package exports no way to its store, where directories have to be put: so by file.
const load = (path) => import(pathToFileURL(resolve(join(modules, 'workos/dist/emulate', path))));
const { createServer } = await load('core/index.js');
const { workosPlugin, getWorkOSStore } = await load('workos/index.js');

const tenants = await (await fetch(`${simulator}/control/tenants`)).json();
const tenant = tenants.find((t) => t.kind === 'workos');
if (!tenant) throw new Error('the simulator has no WorkOS tenant');
const key = tenant.api_key;
const headers = { Authorization: `Bearer ${key}` };

const { app, store } = createServer(workosPlugin, { apiKeys: { [key]: { environment: 'test' } } });
const kept = getWorkOSStore(store);

// answer asks one side; the simulator's rate limit is kept.
const sides = {
  simulator: async (path, init) => {
    if (path.startsWith('/directory_users')) await new Promise((done) => setTimeout(done, 260));
    return fetch(simulator + path, init);
  },
  emulator: (path, init) => app.request(path, init),
};
const answer = async (side, path, init) => {
  const response = await sides[side](path, init);
  const text = await response.text();
  let body;
  try { body = JSON.parse(text); } catch { body = text; }
  return { status: response.status, body };
};
const all = async (path) => {
  const items = [];
  for (let after = ''; after !== null;) {
    const page = (await answer('simulator', `${path}&limit=100&order=asc${after && `&after=${after}`}`, { headers })).body;
    items.push(...page.data);
    after = page.list_metadata.after;
  }
  return items;
};

const d = tenant.directory;
const directory = (await answer('simulator', `/directories/${d}`, { headers })).body;
const users = await all(`/directory_users?directory=${d}`);
const groups = await all(`/directory_groups?directory=${d}`);
// insert stamps the time itself; put the simulator's back, so that both list in the same order.
const put = (collection, object) => {
  collection.insert(object);
  Object.assign(collection.get(object.id), { created_at: object.created_at, updated_at: object.updated_at });
};
put(kept.directories, directory);
groups.forEach((g) => put(kept.directoryGroups, g));
const members = new Map();
for (const g of groups) {
  for (const u of await all(`/directory_users?group=${g.id}`)) members.set(u.id, [...(members.get(u.id) ?? []), g]);
}
users.forEach((u) => put(kept.directoryUsers, { ...u, groups: members.get(u.id) ?? [] }));

// shape is what matters of an answer: status, keys, ids in order, cursors.
const shape = ({ status, body }) => {
  if (typeof body !== 'object' || body === null) return { status, body };
  if (body.object === 'list') {
    return { status, ids: body.data.map((o) => o.id.slice(-7)).join(' '), ...body.list_metadata };
  }
  return { status, keys: Object.keys(body).sort().join(' '), message: body.message, code: body.code };
};
const other = `directory_${'0'.repeat(26)}`;
const middle = users[Math.floor(users.length / 2)].id;
const questions = [
  ['a directory', `/directories/${d}`], ['a user', `/directory_users/${middle}`], ['a group', `/directory_groups/${groups[0].id}`],
  ['directories', '/directories'], ['users, as they come', `/directory_users?directory=${d}`],
  ['users, oldest first', `/directory_users?directory=${d}&order=asc&limit=7`],
  ['users after one', `/directory_users?directory=${d}&limit=5&after=${middle}`],
  ['users before one', `/directory_users?directory=${d}&limit=5&before=${middle}`],
  ['users, order normal', `/directory_users?directory=${d}&order=normal`],
  ['users of a group', `/directory_users?group=${groups[0].id}`], ['groups of a user', `/directory_groups?user=${middle}`],
  ['groups', `/directory_groups?directory=${d}&limit=100`], ['users of nothing', '/directory_users'],
  ['users of another directory', `/directory_users?directory=${other}`], ['limit 0', `/directory_users?directory=${d}&limit=0`],
  ['limit 1000', `/directory_users?directory=${d}&limit=1000`], ['a made-up cursor', `/directory_users?directory=${d}&after=directory_user_x`],
  ['a directory that is not there', `/directories/${other}`], ['a user that is not there', '/directory_users/directory_user_x'],
  ['a wrong key', `/directories/${d}`, { headers: { Authorization: 'Bearer sk_test_x' } }],
];
let differences = 0;
for (const [name, path, init] of questions) {
  const one = shape(await answer('simulator', path, init ?? { headers }));
  const two = shape(await answer('emulator', path, init ?? { headers }));
  for (const part of new Set([...Object.keys(one), ...Object.keys(two)])) {
    if (JSON.stringify(one[part]) === JSON.stringify(two[part])) continue;
    differences++;
    console.log(`${name}: ${part}\n  simulator ${JSON.stringify(one[part])}\n  emulator  ${JSON.stringify(two[part])}`);
  }
}
console.log(`${questions.length} questions, ${differences} differences; docs/workos.md explains those that are meant.`);
