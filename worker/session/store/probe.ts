/** Whether there is room in an object's storage. */

/** What is stored to see it: more than a request that was refused for want of room can have had. */
const PROBE = 'room_for_'
const PROBE_PARTS = 2
const PROBE_BYTES = 1024 * 1024

/** Stores something and deletes it again: where there is no room for it, the object ends with an error. */
export async function storeProbe(storage: DurableObjectStorage): Promise<void> {
  const { kv } = storage
  for (let part = 0; part < PROBE_PARTS; part++) kv.put(`${PROBE}${part}`, new Uint8Array(PROBE_BYTES))
  await storage.sync()
  for (let part = 0; part < PROBE_PARTS; part++) kv.delete(`${PROBE}${part}`)
}
