// What a courier's phone keeps: records that wait to be sent, and the run, in IndexedDB.

const NAME = "susa-courier";

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("queue", { keyPath: "key" });
      asked.result.createObjectStore("kept", { keyPath: "name" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

// Resolves when the transaction is on disk, not when the request was taken.
async function within(store, mode, work) {
  const base = await database();
  return new Promise((resolve, reject) => {
    const transaction = base.transaction(store, mode, { durability: "strict" });
    const asked = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

export const put = (record) => within("queue", "readwrite", (queue) => queue.put(record));
export const remove = (key) => within("queue", "readwrite", (queue) => queue.delete(key));

// Oldest first; of one person, for phones are shared.
export async function records(owner) {
  const every = await within("queue", "readonly", (queue) => queue.getAll());
  return every
    .filter((record) => record.owner === owner)
    .sort((a, b) => a.at.localeCompare(b.at));
}

export const keep = (name, value) =>
  within("kept", "readwrite", (kept) => kept.put({ name, value }));

export async function kept(name) {
  const found = await within("kept", "readonly", (store) => store.get(name));
  return found?.value ?? null;
}
