/** The next one of a stream. A stream that has ended fails the test: a loop would wait for its next one until the time is over. */
export async function next<T>(stream: AsyncIterator<T>): Promise<T> {
  const read = await stream.next()
  if (read.done === true) throw new Error('the stream ended before that')
  return read.value
}
