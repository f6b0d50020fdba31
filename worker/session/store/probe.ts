/** Probe of the room in an object's storage. */

/** Probe value: larger than any request that was refused for want of room. */
const PROBE = 'room_for_'
const PROBE_PARTS = 2
const PROBE_BYTES = 1024 * 1024

/** Stores the probe and deletes it again: without room for it, the object ends with an error. */
export async function storeProbe(storage: DurableObjectStorage): Promise<void> {
  const { kv } = storage
  for (let part = 0; part < PROBE_PARTS; part++) kv.put(`${PROBE}${part}`, new Uint8Array(PROBE_BYTES))
  await storage.sync()
  for (let part = 0; part < PROBE_PARTS; part++) kv.delete(`${PROBE}${part}`)
}
